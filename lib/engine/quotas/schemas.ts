import { z } from "zod";
import { NAME_CURSOR_MAX } from "@/lib/engine/name-cursor";
import { Bytes, Id, Instant, PageInput, page } from "@/lib/engine/schemas";

/** stored: bytes on disk after deduplication and compression · protected: logical bytes of the newest recovery points. */
export const QuotaMeter = z.enum(["stored", "protected"]);
export type QuotaMeter = z.infer<typeof QuotaMeter>;

/**
 * none: there is no quota · ok · soft: people are warned · hard: its overage is being used · over: new data is refused, because
 * hard quota and overage are used up.
 */
export const QuotaState = z.enum(["none", "ok", "soft", "hard", "over"]);
export type QuotaState = z.infer<typeof QuotaState>;

export const QuotaSubject = z.object({ kind: z.enum(["tenant", "agent"]), id: Id, name: z.string() });
export type QuotaSubject = z.infer<typeof QuotaSubject>;

export const QuotaReport = z.object({
  meter: QuotaMeter,
  /** What is here, and what has room promised. */
  usedBytes: Bytes,
  softBytes: Bytes.nullable(),
  hardBytes: Bytes.nullable(),
  overageBytes: Bytes,
  state: QuotaState,
  /** When hard quota and overage (without them: the soft quota) will be used up if it goes on growing; null: it cannot be said. */
  predictedExhaustionAt: Instant.nullable(),
});
export type QuotaReport = z.infer<typeof QuotaReport>;

/** An agent whose new data a quota keeps out just now. */
export const WaitingAgent = z.object({
  agent: z.object({ id: Id, name: z.string() }),
  meter: QuotaMeter,
  message: z.string(),
  since: Instant,
});
export type WaitingAgent = z.infer<typeof WaitingAgent>;

export const SubjectQuotas = z.object({
  subject: QuotaSubject,
  /** One for each meter. */
  quotas: z.array(QuotaReport),
});
export type SubjectQuotas = z.infer<typeof SubjectQuotas>;

export const TenantQuotas = SubjectQuotas.extend({
  /** Agents with quotas of their own, those nearest to them first; the first 50. */
  agents: z.array(SubjectQuotas),
  /** The first 50, by name. */
  waiting: z.array(WaitingAgent),
});
export type TenantQuotas = z.infer<typeof TenantQuotas>;

export const AgentQuotas = SubjectQuotas.extend({
  /** Its tenant's quotas bind it, too. */
  tenant: SubjectQuotas,
  waiting: WaitingAgent.nullable(),
});
export type AgentQuotas = z.infer<typeof AgentQuotas>;

/** A tenant among others. */
export const TenantQuotaSummary = z.object({
  tenant: z.object({ id: Id, name: z.string() }),
  quotas: z.array(QuotaReport),
  /** The worse of the two. */
  state: QuotaState,
  waitingAgents: z.number().int(),
});
export type TenantQuotaSummary = z.infer<typeof TenantQuotaSummary>;

export const ListQuotasInput = PageInput.extend({
  cursor: z.string().max(NAME_CURSOR_MAX).optional(),
  /** Of these tenants only, e.g. those of one page of another list. */
  tenantId: Id.optional(),
});
export type ListQuotasInput = z.infer<typeof ListQuotasInput>;

export const QuotaPage = page(TenantQuotaSummary);
export type QuotaPage = z.infer<typeof QuotaPage>;

/** Of whom: exactly one of them. */
const Whose = z.object({ tenantId: Id.optional(), agentId: Id.optional() });
const hasOne = ({ tenantId, agentId }: z.infer<typeof Whose>) => (tenantId === undefined) !== (agentId === undefined);
const ONE = { message: "Say either whose tenant's or which agent's quota it is." };

export const SetQuotaInput = Whose.extend({
  meter: QuotaMeter,
  /** From here on people are warned. */
  softBytes: Bytes.positive().nullable().default(null),
  /** Beyond this and the overage new data is refused. */
  hardBytes: Bytes.positive().nullable().default(null),
  overageBytes: Bytes.default(0),
})
  .refine(hasOne, ONE)
  .refine(({ softBytes, hardBytes }) => softBytes !== null || hardBytes !== null, {
    message: "A quota has a soft size, a hard size, or both.",
  })
  .refine(({ softBytes, hardBytes }) => softBytes === null || hardBytes === null || softBytes <= hardBytes, {
    message: "The soft quota is at most the hard one: people are warned before data is refused.",
    path: ["softBytes"],
  })
  .refine(({ hardBytes, overageBytes }) => hardBytes !== null || overageBytes === 0, {
    message: "Overage goes beyond a hard quota. Give that, too.",
    path: ["overageBytes"],
  });
export type SetQuotaInput = z.infer<typeof SetQuotaInput>;

export const RemoveQuotaInput = Whose.extend({ meter: QuotaMeter }).refine(hasOne, ONE);
export type RemoveQuotaInput = z.infer<typeof RemoveQuotaInput>;

export const TenantQuotasInput = z.object({ tenantId: Id });
export const AgentQuotasInput = z.object({ agentId: Id });

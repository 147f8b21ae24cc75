import "server-only";
import type { Tx } from "@/lib/db/client";
import { type Actor, actorName, type EngineContext } from "@/lib/engine/context";
import type { AuditResult, Prisma } from "@/prisma/generated/client";

/** Texts from outside are cut: an entry is read by people. */
const TEXT_MAX = 500;
const SHORT_MAX = 64;

/** One entry as a caller of this folder says it; the trigger of the table gives it its place and its hash. */
export type NewAuditEntry = Omit<Prisma.AuditEntryCreateManyInput, "id" | "position" | "hash">;

/** Writes who did what, in the transaction of the change itself. `detail` must hold no secret. */
export async function writeAudit(
  tx: Tx,
  ctx: EngineContext,
  action: string,
  subject: string,
  detail: Prisma.InputJsonObject = {},
  outcome: { result: AuditResult; reason: string } = { result: "done", reason: "" },
): Promise<void> {
  await insertEntries(tx, [toEntry(ctx, { action, subject, detail, ...outcome })]);
}

/** What a caller does, as an entry. */
export function toEntry(
  ctx: EngineContext,
  said: { action: string; subject: string; detail: Prisma.InputJsonObject; result: AuditResult; reason: string },
): NewAuditEntry {
  const { actor } = ctx;
  return {
    at: ctx.now(),
    actor: actorName(actor),
    actorKind: actor.kind,
    actorId: actorId(actor),
    action: said.action.slice(0, SHORT_MAX * 2),
    subject: clean(said.subject).slice(0, TEXT_MAX),
    door: doorOf(ctx),
    address: clean(ctx.address ?? "").slice(0, SHORT_MAX),
    requestId: clean(ctx.requestId ?? "").slice(0, SHORT_MAX),
    result: said.result,
    reason: clean(said.reason).slice(0, TEXT_MAX),
    detail: withoutSecrets(said.detail) as Prisma.InputJsonObject,
  };
}

/** Not create(): it reads the row back, which an account that is bound to tenants may not. */
export async function insertEntries(tx: Pick<Tx, "auditEntry">, entries: NewAuditEntry[]): Promise<void> {
  await tx.auditEntry.createMany({ data: entries });
}

/** The database keeps no U+0000, and what comes before a door has parsed it may hold one. */
const clean = (text: string) => text.replaceAll("\0", "");

const SECRET_NAME = /password|passphrase|secret|sealed|^token$/i;

/** A net below the promise that no secret is written: whatever has a secret's name loses its value. */
function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (value === null || typeof value !== "object" || value instanceof Date) return value;
  const held = Object.entries(value).map(([name, inner]) => {
    const isSecret = SECRET_NAME.test(name) && typeof inner === "string" && inner !== "";
    return [name, isSecret ? "[removed]" : withoutSecrets(inner)];
  });
  return Object.fromEntries(held);
}

function actorId(actor: Actor): string | null {
  if (actor.kind === "account") return actor.accountId;
  if (actor.kind === "peer") return actor.pairingId;
  return actor.kind === "enrolment" ? actor.tokenId : null;
}

function doorOf({ actor, door }: EngineContext): string {
  if (actor.kind === "account") return actor.door ?? door ?? (actor.credential?.kind === "browser" ? "browser" : "api");
  return door ?? (actor.kind === "peer" || actor.kind === "enrolment" ? "peer" : "");
}

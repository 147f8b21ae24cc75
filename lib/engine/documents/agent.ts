import { z } from "zod";
import { Id } from "@/lib/engine/schemas";
import { integrity } from "@/lib/errors";
import { decodeWrapped, encodeWrapped } from "./wrapped";

const FORMAT = "twincore-agent";
const Count = z.number().int().nonnegative();

/** An agent as its repository tells it, with what the documents of its points do not say. Replaced when it changes. */
export const AgentDocument = z.object({
  id: Id,
  name: z.string(),
  hostName: z.string(),
  tenant: z.object({ id: Id, name: z.string() }),
  kind: z.enum(["machine", "test_copy", "set_aside"]),
  parentId: Id.optional(),
  description: z.string().optional(),
  labels: z.array(z.string()).optional(),
  isSingleVolume: z.literal(true).optional(),
  quotaBytes: Count.optional(),
  /** Highest sequence of a deleted recovery point. */
  sequenceFloor: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional(),
  createdAt: z.iso.datetime(),
  volumes: z.array(
    z.object({
      id: Id,
      name: z.string(),
      kind: z.enum(["folder", "image", "stream"]),
      path: z.string().optional(),
      excludes: z.array(z.string()).optional(),
      description: z.string().optional(),
      managedBytes: Count.optional(),
      /** It is captured no more; points keep images of it. */
      removedAt: z.iso.datetime().optional(),
    }),
  ),
});
export type AgentDocument = z.infer<typeof AgentDocument>;

export const agentDocumentKey = (prefix: string, agentId: string): string => `${prefix}agents/${agentId}.json`;

/** The same agent gives the same bytes. */
export const encodeAgentDocument = (agent: AgentDocument): Buffer =>
  encodeWrapped(FORMAT, "agent", AgentDocument.parse(agent));

/** Throws `integrity` when it is damaged. */
export function parseAgentDocument(bytes: Buffer, key: string): AgentDocument {
  const agent = AgentDocument.safeParse(decodeWrapped(FORMAT, "agent", bytes));
  if (agent.success) return agent.data;
  throw integrity(`The document of an agent is damaged (${key}).`, agent.error);
}

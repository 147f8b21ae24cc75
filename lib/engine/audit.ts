import "server-only";
import type { Tx } from "@/lib/db/client";
import type { AuditResult, Prisma } from "@/prisma/generated/client";
import { type Actor, actorName, type EngineContext } from "./context";

/** Texts from outside are cut: an entry is read by people. */
const TEXT_MAX = 500;

/** Writes who did what, in the transaction of the change itself. `detail` must hold no secret. */
export async function writeAudit(
  tx: Tx,
  ctx: EngineContext,
  action: string,
  subject: string,
  detail: Prisma.InputJsonObject = {},
  outcome: { result: AuditResult; reason: string } = { result: "done", reason: "" },
): Promise<void> {
  const { actor } = ctx;
  const entry = {
    at: ctx.now(),
    actor: actorName(actor),
    actorKind: actor.kind,
    actorId: actorId(actor),
    action,
    subject: subject.slice(0, TEXT_MAX),
    door: doorOf(actor),
    address: ctx.address?.slice(0, 64) ?? "",
    requestId: ctx.requestId?.slice(0, 64) ?? "",
    result: outcome.result,
    reason: outcome.reason.slice(0, TEXT_MAX),
    detail,
  };
  // Not create(): it reads the row back, which an account that is bound to tenants may not.
  await tx.auditEntry.createMany({ data: [entry] });
}

function actorId(actor: Actor): string | null {
  if (actor.kind === "account") return actor.accountId;
  if (actor.kind === "peer") return actor.pairingId;
  return actor.kind === "enrolment" ? actor.tokenId : null;
}

function doorOf(actor: Actor): string {
  if (actor.kind === "account") return actor.door ?? (actor.credential?.kind === "browser" ? "browser" : "api");
  return actor.kind === "peer" || actor.kind === "enrolment" ? "peer" : "";
}

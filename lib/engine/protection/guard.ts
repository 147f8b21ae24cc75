import "server-only";
import type { AccountActor, EngineContext } from "@/lib/engine/context";
import { readSetting } from "@/lib/engine/settings";
import { conflict, TwincoreError } from "@/lib/errors";
import { actionOf, type ProtectedAction } from "./actions";
import { askForAgreement, takeAgreement } from "./ask";
import { digestOf } from "./digest";
import { assertProven } from "./proof";

/** What somebody is about to do. */
export interface ProtectedWork {
  readonly action: ProtectedAction;
  readonly subject: { readonly kind: string; readonly id: string };
  /** What will happen, as a sentence for the second person: "Delete the recovery point 12 of db-01." */
  readonly title: string;
  /** Of the verb, as verbs.ts hands it over again. No secret may be in it. */
  readonly input: object;
  /** Whose it is; null: the core's own, and nobody who is bound to tenants can agree. */
  readonly tenantId: string | null;
  /** Takes a second person whatever the settings say. */
  readonly always?: boolean;
}

/**
 * Stands before everything that is protected, whatever door it came through. What is no person passes: jobs, peers, enrolments. A person passes who
 * proved a short while ago to be there; else throws step_up_required. Where it takes a second person, throws agreement_pending: a
 * request waits now, and nothing was done. When that request was agreed to, exactly this action with exactly this input passes.
 */
export async function guard(ctx: EngineContext, work: ProtectedWork): Promise<void> {
  const { actor } = ctx;
  if (actor.kind !== "account") return;
  if (ctx.agreedRequestId) return assertAgreed(ctx, actor, ctx.agreedRequestId, work);
  const settings = await readSetting(ctx.db.prisma, "protection");
  assertProven(ctx, actor, settings);
  const { rule, doneBy } = actionOf(work.action);
  if (!work.always && !settings.secondPerson.some((name) => name === rule)) return;
  if (doneBy === "requester" && (await takeAgreement(ctx, actor, work))) return;
  throw await askForAgreement(ctx, actor, work, settings);
}

/**
 * Does something protected for each of many: where it takes a second person all of them are asked for, not the first alone; then throws
 * agreement_pending for the first. Any other refusal ends it there.
 */
export async function guardEach<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const pending: TwincoreError[] = [];
  for (const item of items)
    await work(item).catch((thrown: unknown) => {
      if (!(thrown instanceof TwincoreError && thrown.code === "agreement_pending")) throw thrown;
      pending.push(thrown);
    });
  if (pending[0]) throw pending[0];
}

async function assertAgreed(
  ctx: EngineContext,
  { accountId }: AccountActor,
  id: string,
  { action, input }: ProtectedWork,
): Promise<void> {
  const request = await ctx.db.prisma.twoPersonRequest.findUnique({ where: { id } });
  const agreed =
    request?.state === "approved" &&
    request.action === action &&
    request.requestedById === accountId &&
    digestOf(request.input) === digestOf(input);
  if (!agreed) throw conflict("What was agreed to is another action, or was done already.", "not-agreed");
}

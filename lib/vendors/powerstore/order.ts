import { z } from "zod";
import type { EngineContext } from "@/lib/engine/context";
import { recordVendorJob } from "@/lib/engine/vendor-jobs";
import { type TwincoreError, toTwincoreError } from "@/lib/errors";
import { fromZod } from "@/lib/http/problem";
import type { VendorCall, VendorResult } from "../row";
import { errorBody, toldOf } from "./answers";

/** What an order did: which object it was about, and what the client is told of it. */
export interface Done<B = unknown> {
  readonly id: string | null;
  readonly name?: string;
  readonly status: number;
  readonly body?: B;
}

interface Order<B> {
  readonly action: string;
  readonly resource: string;
  readonly work: () => Promise<Done<B>>;
}

/**
 * Does what a client ordered and keeps it as a job. With is_async the answer is 202 and the job's id, whatever became of the order: the
 * job tells. Orders are acceptances of a moment, so that they are done when the answer goes out, and no job is lost with a process.
 */
export async function placeOrder<B = undefined>(
  ctx: EngineContext,
  call: VendorCall,
  { action, resource, work }: Order<B>,
): Promise<VendorResult<B | { id: string }>> {
  const startedAt = ctx.now();
  const outcome = await attempt(ctx, work);
  const job = await recordVendorJob(ctx, {
    door: "powerstore",
    action,
    resourceType: resource,
    resourceId: outcome.done?.id ?? null,
    resourceName: outcome.done?.name ?? "",
    startedAt,
    ...responseOf(outcome, resource),
  });
  if (isAsync(call)) return { status: 202, body: { id: job.id } };
  if (outcome.error) throw outcome.error;
  return { status: outcome.done.status, body: outcome.done.body };
}

type Outcome<B> = { done: Done<B>; error: null } | { done: null; error: TwincoreError };

async function attempt<B>(ctx: EngineContext, work: () => Promise<Done<B>>): Promise<Outcome<B>> {
  try {
    return { done: await work(), error: null };
  } catch (thrown) {
    // An engine verb may know a bound that this API's schema does not.
    const error = thrown instanceof z.ZodError ? fromZod(thrown) : toTwincoreError(thrown);
    if (error.code === "internal") ctx.log.error({ err: thrown }, "an order of a vendor's client failed inside");
    return { done: null, error };
  }
}

function responseOf<B>({ done, error }: Outcome<B>, resource: string) {
  if (done) return { responseStatus: done.status, responseBody: toJson(done.body) };
  const { status, code } = toldOf(error, { path: `/api/rest/${resource}`, method: "POST" });
  return { responseStatus: status, responseBody: errorBody(error, code) };
}

const toJson = (body: unknown) => (body === undefined ? null : JSON.parse(JSON.stringify(body)));

const isAsync = ({ request }: VendorCall) =>
  new URL(request.url).searchParams.get("is_async")?.toLowerCase() === "true";

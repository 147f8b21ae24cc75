import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { reportVerification } from "../report-damage";
import { watchChannels } from "./channels";
import { watchClocks } from "./clocks";
import { watchJobs } from "./jobs";
import { watchPairings } from "./pairings";
import { watchQuotas } from "./quotas";
import { watchRepositories } from "./repositories";
import { watchSessions } from "./sessions";

/** Raises what people should know of before it hurts, and clears what is over. Part of the sweep, so once a minute. */
export async function watch(ctx: EngineContext): Promise<void> {
  await watchRepositories(ctx);
  await watchQuotas(ctx);
  await reportVerification(ctx);
  await watchSessions(ctx, await watchPairings(ctx));
  await watchClocks(ctx);
  await watchJobs(ctx);
  await watchChannels(ctx);
}

import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { toTwincoreError } from "@/lib/errors";
import { applyMetadataUpdate, PASSING } from "./apply";

/** Updates that come while one is worked on; further ones get a job of their own by the sweep. */
const UPDATES_MAX = 100;

interface RunInput {
  readonly agentId: string;
  readonly signal: AbortSignal;
}

/** Target: works on the agent's update until none is running. One that cannot be taken over says so in its own row. */
export async function runMetadataUpdates(ctx: EngineContext, { agentId, signal }: RunInput): Promise<void> {
  for (let done = 0; done < UPDATES_MAX; done++) {
    const update = await ctx.db.prisma.metadataUpdate.findFirst({
      where: { agentId, state: "running" },
      orderBy: [{ createdAt: "desc" }, { id: "desc" }],
      select: { id: true },
    });
    if (!update) return;
    try {
      await applyMetadataUpdate(ctx, update.id, signal);
    } catch (thrown) {
      if (signal.aborted || PASSING.has(toTwincoreError(thrown).code)) throw thrown;
      ctx.log.warn({ agent: agentId, err: thrown }, "a metadata update could not be taken over");
    }
  }
}

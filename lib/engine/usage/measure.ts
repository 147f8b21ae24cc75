import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { measureRepositories } from "@/lib/engine/repositories";
import { measureAgents, thinLedger } from "./measure-agents";

/** What statements and charts are made of: a sample of each repository, and of each agent that changed or is due. */
export async function measureUsage(ctx: EngineContext): Promise<void> {
  await measureRepositories(ctx);
  await measureAgents(ctx);
  await thinLedger(ctx.db.prisma, ctx);
}

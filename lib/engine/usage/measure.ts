import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { measureRepositories } from "@/lib/engine/repositories";
import { measureAgents } from "./measure-agents";

/** What statements and charts are made of: a sample of each repository, and of each agent whose figures changed. */
export async function measureUsage(ctx: EngineContext): Promise<void> {
  await measureAgents(ctx);
  await measureRepositories(ctx);
}

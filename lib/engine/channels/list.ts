import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { toChannel } from "./convert";
import type { Channel } from "./schemas";

/** Every channel by name; there are 50 at most. */
export async function listChannels(ctx: EngineContext, _input: object): Promise<{ items: Channel[] }> {
  const rows = await ctx.db.prisma.channel.findMany({ orderBy: { name: "asc" } });
  return { items: rows.map(toChannel) };
}

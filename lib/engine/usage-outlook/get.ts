import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { predictExhaustion } from "@/lib/engine/quotas/predict";
import { listRepositories } from "@/lib/engine/repositories";
import type { RepositoryOutlook, StorageOutlook } from "./schemas";

/** More repositories than these no core has by far; the fullest are among the first hundred or the page says nothing wrong, only less. */
const REPOSITORIES_MAX = 100;
const HISTORY_DAYS = 90;
const DAY_MS = 86_400_000;

/** When each repository that the caller may know of will be full, the first one first. */
export async function getStorageOutlook(ctx: EngineContext): Promise<StorageOutlook> {
  const { items } = await listRepositories(ctx, { limit: REPOSITORIES_MAX });
  const reachable = items.filter((repository) => repository.reachable);
  const history = await readHistory(
    ctx,
    reachable.map((repository) => repository.id),
  );
  const repositories = reachable.map(({ id, name, storedBytes, freeBytes }): RepositoryOutlook => {
    const now = { at: ctx.now(), bytes: storedBytes };
    const date = predictExhaustion([...(history.get(id) ?? []), now], storedBytes + freeBytes);
    return { id, name, storedBytes, freeBytes, fullOn: date?.toISOString().slice(0, 10) ?? null };
  });
  return { repositories: repositories.sort((a, b) => (a.fullOn ?? "9").localeCompare(b.fullOn ?? "9")) };
}

/** The last sample of each day. */
async function readHistory(ctx: EngineContext, ids: string[]) {
  const rows = await ctx.db.prisma.$queryRaw<{ id: string; at: Date; bytes: bigint }[]>`
    select distinct on (repository_id, date_trunc('day', at)) repository_id as id, at, stored_bytes as bytes
    from usage_sample
    where repository_id = any(${ids}::uuid[]) and at > ${new Date(ctx.now().getTime() - HISTORY_DAYS * DAY_MS)}
    order by repository_id, date_trunc('day', at), at desc`;
  const history = new Map<string, { at: Date; bytes: number }[]>();
  for (const { id, at, bytes } of rows) {
    const known = history.get(id) ?? [];
    known.push({ at, bytes: Number(bytes) });
    history.set(id, known);
  }
  return history;
}

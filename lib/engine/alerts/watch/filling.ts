import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { openRepository } from "@/lib/engine/repositories/open";
import { ID_CEILING, ID_FLOOR, reconcileAlerts } from "../reconcile";
import { judgeFilling, type WatchedSpace } from "./judge-filling";

/** A core has some dozens; each costs a question to its disk. */
const REPOSITORIES_MAX = 1_000;
/** A network disk that hangs must not hold up what else is watched. */
const SPACE_MS = 5_000;
const HISTORY_DAYS = 30;

interface SampleRow {
  readonly id: string;
  readonly name: string;
  readonly at: Date | null;
  readonly storedBytes: bigint | null;
}

/** One alert for each repository that will be full within a month, or nearly is. One that cannot be asked just now keeps what is known of it. */
export async function watchFilling(ctx: EngineContext): Promise<void> {
  const repositories = await readHistories(ctx);
  const spaces = await Promise.all(repositories.map((repository) => readSpace(ctx, repository)));
  const now = ctx.now();
  const found = spaces.flatMap((space) => (space ? (judgeFilling(space, now) ?? []) : []));
  const silent = repositories.filter((_repository, index) => spaces[index] === null).map(({ id }) => id);
  const kept = await ctx.db.prisma.alert.findMany({
    where: { kind: "repository-filling", subjectId: { in: silent }, openKey: { not: null } },
  });
  const still = kept.map(({ severity, subjectId, title, detail }) => ({
    kind: "repository-filling" as const,
    subjectKind: "repository" as const,
    severity,
    subjectId,
    title,
    detail,
  }));
  const scope = { kinds: ["repository-filling"] as const, subjectKind: "repository" as const };
  await reconcileAlerts(ctx, { ...scope, after: ID_FLOOR, upTo: ID_CEILING }, [...found, ...still]);
}

type History = Pick<WatchedSpace, "id" | "name" | "history">;

/** The last sample of each of the last thirty days: thirty look-ups in an index for each repository. */
async function readHistories(ctx: EngineContext): Promise<History[]> {
  const now = ctx.now();
  const rows = await ctx.db.prisma.$queryRaw<SampleRow[]>`
    select r.id, r.name, s.at, s.stored_bytes as "storedBytes"
    from (select id, name from repository order by id limit ${REPOSITORIES_MAX}) r
    left join lateral (
      select u.at, u.stored_bytes from generate_series(0, ${HISTORY_DAYS - 1}::int) as n(days)
      cross join lateral (
        select at, stored_bytes from usage_sample
        where repository_id = r.id and at <= ${now}::timestamptz - n.days * interval '1 day'
          and at > ${now}::timestamptz - (n.days + 1) * interval '1 day'
        order by at desc limit 1
      ) u
    ) s on true
    order by r.id, s.at`;
  const histories = new Map<string, History & { history: { at: Date; bytes: number }[] }>();
  for (const { id, name, at, storedBytes } of rows) {
    const known = histories.get(id) ?? { id, name, history: [] };
    if (at && storedBytes !== null) known.history.push({ at, bytes: Number(storedBytes) });
    histories.set(id, known);
  }
  return [...histories.values()];
}

/** null: its disk does not answer just now. */
async function readSpace(ctx: EngineContext, repository: History): Promise<WatchedSpace | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), SPACE_MS);
  });
  const asked = openRepository(ctx, repository.id).then(({ storage }) => storage.space());
  const space = await Promise.race([asked.catch(() => null), late]);
  clearTimeout(timer);
  return space && { ...repository, ...space };
}

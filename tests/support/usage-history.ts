import type { LedgerEntry } from "@/lib/engine/usage/roll-days";

/** Times of a history are multiples of this, so that it can be recomputed cell by cell. */
export const CELL_SECONDS = 600;

export interface History {
  readonly measurements: number[];
  /** What measuring wrote of each agent, in order. */
  readonly entries: ReadonlyMap<string, LedgerEntry[]>;
}

export interface HistoryInput {
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  readonly tenantIds: readonly string[];
  readonly repositoryIds: readonly string[];
  readonly agentIds: readonly string[];
}

/** Whole numbers below a bound, always the same ones for a seed. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

type State = Omit<LedgerEntry, "at" | "isEnd">;

/**
 * Agents that come, grow, send, move between repositories and tenants, and go; measurements that are missing for hours or days; and
 * the entries that measuring writes of it: changes, the first of each UTC day, ends.
 */
export function historyOf({ seed, from, to, tenantIds, repositoryIds, agentIds }: HistoryInput): History {
  const random = randomOf(seed);
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;
  const measurements: number[] = [];
  const entries = new Map<string, LedgerEntry[]>(agentIds.map((id) => [id, []]));
  const states = new Map<string, State>();
  const born = (): State => ({
    tenantId: pick(tenantIds),
    repositoryId: pick(repositoryIds),
    protectedBytes: BigInt(random(2_000_000_000)) * 1_000n,
    storedBytes: BigInt(random(2_000_000_000)) * 7n,
    transferredBytes: BigInt(random(1_000_000)),
    recoveryPoints: random(50),
    agents: random(5) === 0 ? 0 : 1,
  });
  const change = (state: State): State => ({
    ...state,
    ...(random(3) === 0 ? { protectedBytes: BigInt(random(2_000_000_000)) * 1_003n } : {}),
    ...(random(2) === 0 ? { storedBytes: BigInt(random(2_000_000_000)), recoveryPoints: random(60) } : {}),
    ...(random(2) === 0 ? { transferredBytes: state.transferredBytes + BigInt(random(5_000_000_000)) } : {}),
    ...(random(12) === 0 ? { repositoryId: pick(repositoryIds) } : {}),
    ...(random(25) === 0 ? { tenantId: pick(tenantIds) } : {}),
  });
  const gone = new Set<string>();
  for (let at = from; at <= to; at += stepOf(random)) {
    for (const id of agentIds) {
      const state = states.get(id);
      if (!state && !gone.has(id) && random(40) === 0) states.set(id, born());
      else if (state && random(1_200) === 0) {
        states.delete(id);
        gone.add(id);
      } else if (state && random(4) === 0) states.set(id, change(state));
    }
    measurements.push(at);
    for (const [id, list] of entries) measureInto(list, states.get(id), at);
  }
  return { measurements, entries };
}

function stepOf(random: (below: number) => number): number {
  const kind = random(60);
  const cells = kind === 0 ? 12 + random(400) : kind < 4 ? 10 + random(6) : 1 + random(6);
  return cells * CELL_SECONDS;
}

function measureInto(list: LedgerEntry[], state: State | undefined, at: number): void {
  const last = list.at(-1);
  const isElsewhere = !state || state.tenantId !== last?.tenantId || state.repositoryId !== last.repositoryId;
  if (last && !last.isEnd && isElsewhere)
    list.push({
      ...last,
      at,
      protectedBytes: 0n,
      storedBytes: 0n,
      recoveryPoints: 0,
      agents: 0,
      isEnd: true,
      transferredBytes: state?.transferredBytes ?? last.transferredBytes,
    });
  if (!state) return;
  const newest = list.at(-1);
  const isNewDay = !newest || Math.floor(newest.at / 86_400) < Math.floor(at / 86_400);
  const isChanged =
    !newest || newest.isEnd || (Object.keys(state) as (keyof State)[]).some((key) => newest[key] !== state[key]);
  if (isNewDay || isChanged) list.push({ ...state, at, isEnd: false });
}

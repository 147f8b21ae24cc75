import { adminContract } from "@/lib/admin/contract";
import type { ReplicatingPair } from "@/tests/support/replicating-pair";
import { until } from "@/tests/support/until";

/** Each: what happens in the middle of a transfer, and the wait until the machinery itself has noticed. The proxy holds meanwhile. */
export const disasters = {
  "kill -9 of the source's worker": async ({ source }) => {
    await source.revived("worker", source.kill("worker"));
  },
  "kill -9 of the target's peer process": async ({ target }) => {
    await target.revived("peer", target.kill("peer"));
  },
  "kill -9 of the whole target": async (pair) => {
    await pair.target.killAll();
    await pair.target.startAgain();
    pair.followTarget();
  },
  "kill -9 of the whole source": async ({ source }) => {
    await source.killAll();
    await source.startAgain();
  },
  "a restart of the target's Postgres": async ({ target }) => {
    await target.revived("postgres", target.kill("postgres", "SIGINT"));
  },
  "kill -9 of the target's Postgres": async ({ target }) => {
    await target.revived("postgres", target.kill("postgres"));
  },
  "kill -9 of the source's Postgres": async ({ source }) => {
    await source.revived("postgres", source.kill("postgres"));
  },
  "a cut network": async ({ proxy }) => {
    proxy.cut();
    await until("new attempts of the source to connect", () => proxy.refused >= 1);
  },
  "a stalled network": async (pair) => {
    pair.proxy.stall();
    // Two reports of a run that stands still, so that the stall is not over before it was felt.
    const first = await pair.session();
    await until("a report in the stall", async () => {
      const { run } = await pair.session();
      return run && run.updatedAt !== first.run?.updatedAt;
    });
  },
  "a lost acknowledgement": async ({ proxy }) => {
    const lost = proxy.loseNextAnswer();
    proxy.resume();
    await lost;
  },
  "a restart of the target's worker and web process": async ({ target }) => {
    const dead = [target.kill("worker"), target.kill("web")] as const;
    await target.revived("worker", dead[0]);
    await target.revived("web", dead[1]);
  },
  "pause and resume": async (pair) => {
    const { id } = await pair.session();
    await pair.source.call(adminContract.pauseSession, { id });
    pair.proxy.resume();
    await until("a paused session", async () => (await pair.session()).state === "paused");
    await pair.source.call(adminContract.resumeSession, { id });
  },
} satisfies Record<string, (pair: ReplicatingPair) => Promise<void>>;

export type Disaster = keyof typeof disasters;
// The keys of an object literal that is never added to are exactly its declared keys.
export const disasterNames = Object.keys(disasters) as Disaster[];

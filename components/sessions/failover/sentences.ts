import type { SessionDetail, SessionSummary } from "@/lib/engine/sessions/schemas";

/** What each order will do and will not do, as sentences for who gives it. Pure. */
export interface Sentences {
  readonly will: readonly string[];
  readonly willNot: readonly string[];
}

type Named = Pick<SessionSummary, "agent" | "peer">;

const KEPT = "No recovery point is deleted on either core.";
const MACHINE =
  "The machine itself is neither moved nor started: pointing people and applications to the other place stays with you.";

export function plannedFailover({ agent, peer }: Named, reverse: boolean): Sentences {
  return {
    will: [
      `Captures of ${agent.name} stop on this core at once. One that is under way still ends, and is brought over too.`,
      `A last sync brings every recovery point to ${peer.name}. Only when that is done do the roles change.`,
      `From then on ${peer.name} is current for ${agent.name}: it takes captures and serves restores, and this core refuses captures.`,
      reverse
        ? `Then this core begins to copy from ${peer.name} by itself.`
        : "Then nothing is copied between the two cores until somebody reprotects.",
    ],
    willNot: [
      KEPT,
      MACHINE,
      "If the last sync does not succeed, the failover is given up: this core stays current and takes captures again.",
    ],
  };
}

export type GoOnFrom = "newest" | "point" | "test";

export function unplannedFailover({ agent, peer }: Named, from: GoOnFrom, newestAt: string | null): Sentences {
  const start = {
    newest: newestAt
      ? `It goes on from the newest recovery point here, of ${newestAt}.`
      : "It goes on from the newest recovery point here.",
    point:
      "It goes on from the chosen recovery point: a copy of it becomes the newest. Later points stay here and can still be restored.",
    test: "It goes on from what the failover test has made; the test ends with it.",
  }[from];
  return {
    will: [
      `This core becomes current for ${agent.name} now, without asking ${peer.name}. It takes captures and serves restores from then on.`,
      start,
      `When ${peer.name} is heard again, it learns that it is not current any more and refuses captures.`,
      "What both cores wrote meanwhile is then shown side by side, and somebody has to choose.",
    ],
    willNot: [
      `Whatever ${peer.name} has captured since the newest point here is not on this core.`,
      `${peer.name} is not stopped: if it still runs, it goes on until it hears of this.`,
      KEPT,
      `Nothing is copied to ${peer.name} until somebody reprotects.`,
      MACHINE,
    ],
  };
}

export function reprotect({ agent, peer }: Named): Sentences {
  return {
    will: [
      `The recovery points of ${agent.name} that ${peer.name} lacks are copied there. Only records that it does not have cross.`,
      "The session shows “Reprotecting” until the first copy is done, and then goes on in this direction.",
      `If ${peer.name} has points that this core lacks, nothing is copied: both are shown, and somebody has to choose.`,
    ],
    willNot: [`The roles do not change: this core stays current for ${agent.name}.`, KEPT],
  };
}

/** The core that the agent came from is the one that calls the other. */
export function failBack({ side, role, state, agent, peer }: SessionSummary): Sentences {
  const [home, away] = side === "source" ? ["this core", peer.name] : [peer.name, "this core"];
  const first = state === "failed_over" ? [`First ${home} gets every recovery point that ${away} has made since.`] : [];
  const stop = role === "source" ? "Captures on this core" : `Captures on ${away}`;
  return {
    will: [
      ...first,
      `${stop} stop, a last sync brings the rest, and the roles change: ${home} is current for ${agent.name} again.`,
      `Then copying goes on in the first direction, from ${home} to ${away}.`,
      "Each step begins by itself when the one before is done; this page says which one it is at.",
    ],
    willNot: [
      KEPT,
      `If a step does not succeed, the next one does not begin: ${away} stays current until its last point has arrived.`,
      MACHINE,
    ],
  };
}

export function startTest({ agent, peer }: Named, minutes: number | null): Sentences {
  return {
    will: [
      `A copy of the recovery point is made as an agent of its own, “${agent.name} (failover test)”. It takes room only for what is captured into it.`,
      `Restore from the copy and capture into it as you like. Replication of ${agent.name} goes on meanwhile.`,
      minutes
        ? `After ${minutes} minutes the copy is removed by itself, with everything that was captured into it.`
        : "The copy stays until somebody stops the test.",
    ],
    willNot: [
      `${agent.name} itself is not touched, neither here nor on ${peer.name}, and the roles do not change.`,
      "A planned failover is refused while the test goes on.",
    ],
  };
}

export function stopTest({ agent }: Named, keep: boolean): Sentences {
  return {
    will: [
      keep
        ? "The copy stays, with all of its recovery points, as an agent that keeps them and takes no captures."
        : "The copy is removed, with everything that was captured into it. That cannot be taken back.",
    ],
    willNot: [`${agent.name} itself and its recovery points are not touched.`],
  };
}

export function resolve({ agent, peer, divergence }: SessionDetail, keep: "here" | "there"): Sentences {
  const [winner, loser] = keep === "here" ? ["this core", peer.name] : [peer.name, "this core"];
  const total = (keep === "here" ? divergence?.there : divergence?.here)?.total ?? 0;
  const points = total === 1 ? "1 recovery point" : `${total} recovery points`;
  return {
    will: [
      `${winner === "this core" ? "This core" : winner} is current for ${agent.name}; its points stay as they are.`,
      `The ${points} that only ${loser} has are set aside there: they move to an agent “${agent.name} (set aside …)” and can be restored from it.`,
      "After that the session has failed over; reprotect it to copy again.",
    ],
    willNot: [
      "No recovery point is deleted on either core.",
      "The points of the two sides are not merged: what was set aside does not come back by itself.",
    ],
  };
}

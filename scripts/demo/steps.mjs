import { setTimeout as pause } from "node:timers/promises";
import { bytes, progressLine, rate } from "./terminal.mjs";

const POLL_MS = 250;
const APPROVAL_MS_MAX = 12 * 60 * 60 * 1000;
// A run that moves nothing for this long is stuck, whatever its size.
const STALL_MS_MAX = 5 * 60 * 1000;
// One failure may be a passing one, and the engine goes on by itself; so many in a row are not.
const FAILURES_MAX = 4;

const items = (answer) => answer.items;

/** The named repository of a core, made when it is not there yet. */
export async function ensureRepository(api, name, folder) {
  const found = items(await api.call("GET", "/repositories?limit=200")).find((repository) => repository.name === name);
  return found ?? api.call("POST", "/repositories", { name, path: folder });
}

/** The agent that protects `path`, made when it is not there yet. */
export async function ensureAgent(api, name, repositoryId, volume) {
  const found = items(await api.call("GET", `/agents?limit=200&search=${encodeURIComponent(name)}`)).find(
    (agent) => agent.name === name,
  );
  if (found) return api.call("GET", `/agents/${found.id}`);
  return api.call("POST", "/agents", { name, hostName: "localhost", repositoryId, volumes: [volume] });
}

/** Captures the agent and waits. Returns the task's last report with `seconds`. */
export async function capture(api, agentId) {
  return followTask(api, await api.call("POST", `/agents/${agentId}/captures`, {}));
}

/** Restores the first image of a recovery point into `destination` and waits. */
export async function restore(api, recoveryPointId, destination) {
  const point = await api.call("GET", `/recovery-points/${recoveryPointId}`);
  const [image] = point.images;
  const started = await api.call("POST", `/recovery-points/${point.id}/images/${image.id}/restores`, { destination });
  return { point, task: await followTask(api, started) };
}

async function followTask(api, started) {
  const startedAt = Date.now();
  const line = progressLine();
  for (let task = started; ; task = await api.call("GET", `/tasks/${started.id}`)) {
    const seconds = (Date.now() - startedAt) / 1000;
    if (task.state === "succeeded") {
      line.end();
      return { ...task, seconds };
    }
    if (task.state === "failed" || task.state === "cancelled") {
      line.end();
      throw new Error(`the ${task.kind} ${task.state}: ${task.failure?.message ?? "nobody said why"}`);
    }
    line.draw(
      task.bytesDone,
      task.bytesTotal ?? 0,
      `${task.phase}  ${bytes(task.bytesDone)}  ${task.filesDone} files  ${rate(task.bytesDone, seconds)}`,
    );
    await pause(POLL_MS);
  }
}

/** Polls until `find` gives something; `what` names it when it never comes. */
export async function waitFor(what, find, msMax = 120_000) {
  const until = Date.now() + msMax;
  for (;;) {
    const found = await find();
    if (found) return found;
    if (Date.now() > until) throw new Error(`${what} did not come within ${Math.round(msMax / 1000)} s`);
    await pause(POLL_MS);
  }
}

/** The pairing of the source with the target for this agent: the living one, else a new request. */
export async function ensurePairing(source, targetPeerUrl, agentId) {
  const all = items(await source.call("GET", "/pairings?side=source&limit=200"));
  const living = all.find(
    (one) =>
      (one.state === "established" || one.state === "pending") &&
      one.wantedAgents.some((agent) => agent.agentId === agentId),
  );
  if (living) return living;
  return source.call("POST", "/pairings", {
    targetUrl: targetPeerUrl,
    agentIds: [agentId],
    contactEmail: "backup@customer.example",
    customerId: "demo",
    comments: "Sent by npm run demo",
  });
}

/** The target's view of that request, found by the verification code that both sides show. */
export function findRequest(target, verificationCode) {
  return waitFor("the pairing request on the target", async () =>
    items(await target.call("GET", "/pairings?side=target&state=pending")).find(
      (one) => one.verificationCode === verificationCode,
    ),
  );
}

/** Approves as the administrator would: every wanted agent into one repository. */
export function approve(target, request, repositoryId) {
  const agents = request.wantedAgents.map(({ agentId }) => ({ agentId, repositoryId }));
  return target.call("POST", `/pairings/${request.id}/approve`, { agents });
}

/** Waits for a person. Returns the source's pairing once it is established; a denial is an error with its message. */
export function awaitApproval(source, pairingId) {
  return waitFor(
    "the approval",
    async () => {
      const pairing = await source.call("GET", `/pairings/${pairingId}`);
      if (pairing.state === "established") return pairing;
      if (pairing.state !== "pending")
        throw new Error(`the request was ${pairing.state}${pairing.message ? `: ${pairing.message}` : ""}`);
      return null;
    },
    APPROVAL_MS_MAX,
  );
}

/** Follows replication until the target holds the point. Returns the run that brought it, with `seconds`. */
export async function followReplication(source, agentId, point) {
  const line = progressLine();
  let moved = { at: Date.now(), mark: "" };
  for (;;) {
    const session = items(await source.call("GET", `/sessions?agentId=${agentId}`))[0];
    const run = session?.run;
    if (run && session.pendingPoints === 0 && run.state === "succeeded" && session.newestPointAt === point.createdAt) {
      line.end();
      return { ...run, seconds: (Date.parse(run.endedAt) - Date.parse(run.startedAt)) / 1000, sessionId: session.id };
    }
    // A run that fails is tried again by itself; only bytes that move count, not the tries.
    const mark = `${point.id} ${run?.phase === "plan" ? 0 : (run?.bytesDone ?? 0)}`;
    if (mark !== moved.mark) moved = { at: Date.now(), mark };
    if ((session?.consecutiveFailures ?? 0) >= FAILURES_MAX || Date.now() - moved.at > STALL_MS_MAX) {
      line.end();
      throw new Error(
        `replication does not move: ${session?.failure?.message ?? run?.failure?.message ?? run?.pauseReason ?? session?.state ?? "no session"}`,
      );
    }
    if (run) line.draw(run.bytesDone, run.bytesTotal, describeRun(run));
    await pause(POLL_MS);
  }
}

function describeRun(run) {
  const eta = run.etaSeconds === null ? "" : `  ${run.etaSeconds} s left`;
  return `${run.phase}  ${bytes(run.bytesDone)} of ${bytes(run.bytesTotal)}  wire ${bytes(run.wireBytes)}  ${rate(run.rateBytesPerSecond, 1)}${eta}`;
}

// One round: two new cores, a full replication, one of 1 % changed, one of nothing, and a restore, all measured.
import { createHash } from "node:crypto";
import { createReadStream, linkSync, mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { apiClient, becomeAdministrator } from "../demo/api.mjs";
import { readRuntime, startCore } from "../demo/core-process.mjs";
import { randomPassword } from "../demo/home.mjs";
import * as steps from "../demo/steps.mjs";
import { settle } from "./commands.mjs";
import { watchDashboards, watchMemory, watchProcessors } from "./watch.mjs";
import { measureWays } from "./ways.mjs";

/**
 * Runs one round below `folder`. `meanwhile(pair)` may measure more while the cores are up. Returns the figures of the round; bytes,
 * seconds. `ways`: also measure both ways of a changed image. A restored image that differs from what was captured is an error: a figure
 * for wrong bytes is worth nothing.
 */
export async function twincoreRound({ folder, dataset, profiles, ways = false, meanwhile = async () => ({}) }) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const cores = [];
  const env = profiles ? profileEnvironment(profiles) : {};
  try {
    for (const name of ["source", "target"]) cores.push(await openCore(name, path.join(folder, name), env));
    return await measure({ folder, dataset, cores, env, ways, profiles, meanwhile });
  } finally {
    await Promise.allSettled(cores.map((core) => core.stop()));
  }
}

function profileEnvironment(profiles) {
  const hook = path.join(import.meta.dirname, "profile-hook.mjs");
  return { NODE_OPTIONS: `--import=${hook}`, TWINCORE_BENCH_PROFILES: profiles };
}

async function openCore(name, home, env) {
  const core = await startCore({ name, home, env: { TWINCORE_LOG_LEVEL: "warn", ...env } });
  core.api = apiClient(core.runtime);
  const account = { name: "Benchmark", email: `admin@${name}.example`, password: randomPassword() };
  core.api.token = await becomeAdministrator(core.api, core.setupUrl, account);
  core.repository = await steps.ensureRepository(core.api, "main", path.join(home, "repository"));
  return core;
}

/** Stops the source and starts it over its home, with the way of disk images forced. What it was told to do goes on by itself. */
async function restartSource(cores, env, mode) {
  const [source] = cores;
  await source.stop();
  const started = await startCore({
    name: source.name,
    home: source.home,
    env: { TWINCORE_LOG_LEVEL: "warn", ...env, TWINCORE_TRANSFER_MODE: mode },
  });
  const { token } = source.api;
  Object.assign(source, started, { api: apiClient(started.runtime) });
  source.api.token = token;
}

async function measure({ folder, dataset, cores, env, ways, profiles, meanwhile }) {
  const [source, target] = cores;
  const memory = watchMemory(cores);
  const disk = path.join(folder, "disk.img");
  const show = (image) => {
    rmSync(disk, { force: true });
    linkSync(image, disk);
  };
  show(dataset.before);
  const agent = await steps.ensureAgent(source.api, "machine", source.repository.id, {
    kind: "image",
    name: "disk",
    path: disk,
  });
  const figures = { capture: await capture(source, agent) };

  // The pairing comes after the capture, so that the whole image is one run that begins when the approval arrives.
  const pairing = await steps.ensurePairing(source.api, target.runtime.peerUrl, agent.id);
  const request = await steps.findRequest(target.api, pairing.verificationCode);
  settle();
  const dashboards = watchDashboards(cores);
  if (profiles) toggleProfiles(cores);
  const processors = watchProcessors(cores);
  await steps.approve(target.api, request, target.repository.id);
  figures.full = await replicated(source, agent, figures.capture.point);
  figures.processors = processors.stop();
  if (profiles) toggleProfiles(cores);
  figures.dashboards = await dashboards.stop();

  show(dataset.after);
  settle();
  figures.captureAgain = await capture(source, agent);
  figures.changed = await replicated(source, agent, figures.captureAgain.point);
  figures.unchanged = await runAgain(source, figures.changed.sessionId);
  figures.restore = await restoreAndCompare(folder, target, figures.captureAgain.point, dataset.afterSha256);
  if (ways)
    figures.ways = await measureWays({
      folder,
      disk,
      dataset,
      restart: (mode) => restartSource(cores, env, mode),
      capture: () => capture(source, agent),
      replicated: (point) => replicated(source, agent, point),
    });
  figures.more = await meanwhile({ source, target, agent, pairing, sessionId: figures.changed.sessionId });
  figures.memory = await memory.stop();
  return figures;
}

async function capture(core, agent) {
  const task = await steps.capture(core.api, agent.id);
  const point = await core.api.call("GET", `/recovery-points/${task.recoveryPointId}`);
  return { seconds: lasted(task), bytes: point.logicalBytes, storedBytes: point.storedBytes, point };
}

const lasted = ({ startedAt, endedAt }) => (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;

async function replicated(source, agent, point) {
  const run = await steps.followReplication(source.api, agent.id, point);
  return { ...run, seconds: lasted(run) };
}

/** A run that finds nothing to do: from the call to the end as a client sees it, and the run itself. */
export async function runAgain(source, sessionId) {
  const before = await source.api.call("GET", `/sessions/${sessionId}`);
  const startedAt = performance.now();
  await source.api.call("POST", `/sessions/${sessionId}/run`);
  const run = await steps.waitFor("the end of a run with nothing to do", async () => {
    const { run } = await source.api.call("GET", `/sessions/${sessionId}`);
    if (run?.id === before.run?.id || run?.endedAt === null) return null;
    if (run.state !== "succeeded")
      throw new Error(`the run ${run.state}: ${run.failure?.message ?? "nobody said why"}`);
    return run;
  });
  return { seconds: lasted(run), seenSeconds: (performance.now() - startedAt) / 1000, wireBytes: run.wireBytes };
}

async function restoreAndCompare(folder, target, point, sha256) {
  const destination = path.join(folder, "restored.img");
  const { task } = await steps.restore(target.api, point.id, destination);
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(destination, { highWaterMark: 1024 * 1024 })) hash.update(chunk);
  const found = hash.digest("hex");
  if (found !== sha256) throw new Error(`the restored image has SHA-256 ${found}, the captured one ${sha256}`);
  rmSync(destination);
  return { seconds: lasted(task), bytes: task.bytesDone };
}

/** Every process of the cores starts its CPU profile, or writes it when it runs. */
function toggleProfiles(cores) {
  for (const core of cores)
    for (const { role, pid } of readRuntime(core.home)?.processes ?? [])
      if (role !== "postgres") process.kill(pid, "SIGUSR2");
}

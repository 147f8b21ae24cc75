// npm run demo -- [PATH] [--approve]: two real cores on this machine, from nothing to a restored copy.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import path from "node:path";
import { apiClient, becomeAdministrator } from "./demo/api.mjs";
import { compareImages, compareTrees } from "./demo/compare.mjs";
import { startCore } from "./demo/core-process.mjs";
import { changeFiles, copyForDemo, kindOfPath } from "./demo/data.mjs";
import { openDemoHome, randomPassword } from "./demo/home.mjs";
import { memoryRows } from "./demo/memory.mjs";
import * as steps from "./demo/steps.mjs";
import { bold, bytes, dim, rate, say, step, table } from "./demo/terminal.mjs";

const root = path.resolve(import.meta.dirname, "..");
const USAGE = "usage: npm run demo -- [PATH] [--approve]";
const running = [];
let home;
let ending = false;

process.on("SIGINT", () => end(ending ? 1 : 130));
process.on("SIGTERM", () => end(143));
process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);
await main().catch(fail);

async function main() {
  const { from, approveByItself } = readArguments(process.argv.slice(2));
  const kind = kindOfPath(from);
  prepareCheckout();
  home = openDemoHome(path.join(root, ".twincore"));
  step(
    `Two cores, each with its own database, keys and listeners, below ${path.relative(process.cwd(), home.folder) || "."}`,
  );
  const source = await openCore("source");
  const target = await openCore("target");

  step(`Capturing ${from}`);
  const label = `${path.basename(from)}-${createHash("sha256").update(from).digest("hex").slice(0, 6)}`;
  const copy = copyForDemo(from, home.path("data", label), kind);
  const agent = await protect(source, label, copy, kind);
  const captured = await steps.capture(source.api, agent.id);
  say(
    `  ${bytes(captured.bytesDone)} in ${captured.filesDone} files, ${captured.seconds.toFixed(1)} s, ${rate(captured.bytesDone, captured.seconds)}`,
  );

  await pair(source, target, agent, approveByItself);

  step("Replicating over mutual TLS");
  const full = await replicate(source, agent, captured);
  await proveRestore(target, captured, copy, kind);

  step("Changing a few files, capturing and replicating again");
  const round = (home.state.round ?? 0) + 1;
  home.remember({ round });
  say(`  ${changeFiles(copy, kind, round)}`);
  const second = await steps.capture(source.api, agent.id);
  const incremental = await replicate(source, agent, second);
  await proveRestore(target, second, copy, kind);

  summarise(full, incremental);
  await linger(source, target);
}

/** Installs and builds what is not there yet; its own output says what it does. */
function prepareCheckout() {
  const result = spawnSync(process.execPath, [path.join(root, "scripts/ensure.mjs"), "build"], { stdio: "inherit" });
  if (result.status !== 0) throw new Error("this checkout could not be prepared; the lines above say why");
}

function readArguments(args) {
  const unknown = args.find((arg) => arg.startsWith("--") && arg !== "--approve");
  const paths = args.filter((arg) => !arg.startsWith("--"));
  if (unknown || paths.length > 1) throw new Error(`${unknown ?? paths[1]} is not understood; ${USAGE}`);
  return {
    from: path.resolve(process.env.INIT_CWD ?? process.cwd(), paths[0] ?? root),
    approveByItself: args.includes("--approve"),
  };
}

/** Starts a core and signs in to it; the first time, its administrator is created with a random password. */
async function openCore(name) {
  // The peer's address is part of a pairing, so a home keeps its ports.
  const core = await startCore({ name, home: home.path(name), ...home.state[name]?.ports });
  running.push(core);
  core.exited.then(
    (code) => ending || fail(new Error(`the core «${name}» ended by itself (${code}); see ${core.home}/core.log`)),
  );
  core.api = apiClient(core.runtime, home.state[name]?.token);
  if (!home.state[name]) {
    const account = { name: "Demo administrator", email: `admin@${name}.example`, password: randomPassword() };
    const token = await becomeAdministrator(core.api, core.setupUrl, account);
    const ports = {
      webPort: portOf(core.runtime.webUrl),
      peerPort: portOf(core.runtime.peerUrl),
      vendorPort: portOf(core.runtime.vendorUrl),
    };
    home.remember({ [name]: { ...account, token, ports } });
    core.api.token = token;
  }
  core.account = home.state[name];
  core.repository = await steps.ensureRepository(core.api, "main", home.path(name, "repository"));
  say(
    `  ${name.padEnd(6)} ${core.runtime.webUrl}  ${dim(`sign in as ${core.account.email} with`)} ${core.account.password}`,
  );
  return core;
}

function portOf(url) {
  return Number(new URL(url).port);
}

function protect(source, label, copy, kind) {
  const volume = { kind, name: kind === "image" ? "disk" : "files", path: copy };
  return steps.ensureAgent(source.api, label, source.repository.id, volume);
}

async function pair(source, target, agent, approveByItself) {
  step("Pairing");
  const pairing = await steps.ensurePairing(source.api, target.runtime.peerUrl, agent.id);
  if (pairing.state === "established") return say("  the two cores are paired already");
  say(
    `  The source asks the target to take its agent. Compare the code on both sides: ${bold(pairing.verificationCode)}`,
  );
  const request = await steps.findRequest(target.api, pairing.verificationCode);
  if (approveByItself) {
    await steps.approve(target.api, request, target.repository.id);
    say("  Approved through the API, as the administrator would.");
  } else {
    say(`\n  Open  ${bold(`${target.runtime.webUrl}/pairing`)}  (its certificate is its own: let the browser go on)`);
    say(
      `  sign in as  ${bold(target.account.email)}  with  ${bold(target.account.password)}  and approve the request.`,
    );
  }
  await steps.awaitApproval(source.api, pairing.id);
  say("  Paired.");
}

async function replicate(source, agent, task) {
  const point = await source.api.call("GET", `/recovery-points/${task.recoveryPointId}`);
  const run = await steps.followReplication(source.api, agent.id, point);
  say(`  ${bytes(run.bytesTotal)} in ${run.seconds.toFixed(1)} s, ${bytes(run.wireBytes)} on the wire`);
  return run;
}

/** Restores the point on the target and compares it with what was captured; any difference is a failure. */
async function proveRestore(target, task, copy, kind) {
  step("Restoring on the target and comparing");
  const destination = home.path("restored");
  rmSync(destination, { recursive: true, force: true });
  const { task: restored, point } = await steps.restore(target.api, task.recoveryPointId, destination);
  const result = await (kind === "image" ? compareImages : compareTrees)(copy, destination);
  if (result.differences.length > 0)
    throw new Error(`the restored copy differs: ${result.differences.slice(0, 3).join("; ")}`);
  const skipped = point.skippedCount > 0 ? `, ${point.skippedCount} could not be captured` : "";
  say(
    `  ${result.files} entries, ${bytes(result.bytes)}, identical${skipped}; restored at ${rate(restored.bytesDone, restored.seconds)}`,
  );
  rmSync(destination, { recursive: true, force: true });
}

function summarise(full, incremental) {
  step("Summary");
  for (const [name, run] of [
    ["the first run", full],
    ["after the changes", incremental],
  ]) {
    say(`  ${bold(name)}`);
    table([
      ["logical bytes", bytes(run.bytesTotal)],
      ["bytes on the wire", bytes(run.wireBytes)],
      ["records", `${run.recordsNew} new, ${run.recordsKnown} already there`],
      ["speed", `${rate(run.bytesTotal, run.seconds)} over ${run.seconds.toFixed(1)} s`],
    ]);
  }
  say(`  ${bold("resident memory now, and at its peak")}`);
  table(memoryRows(running));
}

async function linger(source, target) {
  if (!process.stdout.isTTY) return end(0);
  say(`\nBoth dashboards stay up until Ctrl-C:`);
  for (const core of [source, target])
    say(`  ${core.name.padEnd(6)} ${bold(core.runtime.webUrl)}  ${core.account.email}  ${core.account.password}`);
}

function fail(error) {
  if (ending) return;
  const message = error instanceof Error ? error.message : String(error);
  console.error(`\ndemo failed: ${message.split("\n")[0]}`);
  end(1);
}

async function end(code) {
  if (ending) return;
  ending = true;
  await Promise.allSettled(running.map((core) => core.stop()));
  home?.release();
  process.exit(code);
}

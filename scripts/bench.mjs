// npm run bench: what a replication costs here, beside restic and rsync on the same bytes in the same run.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { prepareDataset } from "./bench/dataset.mjs";
import { findOthers, prepareRestic, resticRound, rsyncRound, startSshd } from "./bench/others.mjs";
import { printReport } from "./bench/report.mjs";
import { twincoreRound } from "./bench/round.mjs";
import { measureAtScale } from "./bench/scale.mjs";
import { bold, bytes, say, step } from "./demo/terminal.mjs";

const root = path.resolve(import.meta.dirname, "..");
const GIB = 2 ** 30;
const QUICK_GIB = 0.5;

const USAGE = `usage: npm run bench -- [flags]
  --size-gib 4    size of the disk image
  --runs 1        rounds; medians are shown
  --quick         half a GiB, for trying
  --from /usr     folder whose files fill the image
  --seed 1        of what is chosen, placed and changed
  --points 10000  recovery points of the run that finds nothing to do
  --records 1000000  records offered in the negotiation
  --work FOLDER   where everything goes (default .twincore/bench)
  --json FILE     the figures
  --profile       CPU profiles of every process during the full replication, in <work>/profiles
  --ways          also both ways of a changed disk image, twice each in turn: all keys offered, or those of changed blocks
  --alone         without restic and rsync`;

const settings = readSettings(process.argv.slice(2));
const stops = [];
process.on("SIGINT", () => finish(130));
process.on("SIGTERM", () => finish(143));
await main().then(
  () => finish(0),
  (error) => {
    console.error(`\nbench failed: ${error.message.split("\n")[0]}`);
    if (process.env.DEBUG) console.error(error);
    return finish(1);
  },
);

async function main() {
  mkdirSync(settings.work, { recursive: true });
  step(`Data: an image of ${settings.sizeGib} GiB, 70 % of it files of ${settings.from}, seed ${settings.seed}`);
  const dataset = await prepareDataset({
    folder: path.join(settings.work, `data-${settings.sizeGib}`),
    sizeBytes: settings.sizeGib * GIB,
    from: settings.from,
    seed: settings.seed,
  });
  describeData(dataset);
  const others = settings.alone ? {} : await prepareOthers(dataset);
  const rounds = [];
  for (let i = 0; i < settings.runs; i++) {
    step(`Round ${i + 1} of ${settings.runs}`);
    rounds.push(await round(dataset, others, i === settings.runs - 1));
  }
  const machine = { cpus: availableParallelism(), memoryBytes: totalmem(), node: process.version };
  const report = { at: new Date().toISOString(), machine, settings, dataset, rounds };
  writeFileSync(settings.json, JSON.stringify(report, null, 2));
  printReport(report);
  say(`\n  All figures: ${settings.json}`);
}

function readSettings(args) {
  const options = {
    "size-gib": { type: "string", default: "4" },
    runs: { type: "string", default: "1" },
    quick: { type: "boolean", default: false },
    from: { type: "string", default: "/usr" },
    seed: { type: "string", default: "1" },
    work: { type: "string", default: path.join(root, ".twincore", "bench") },
    json: { type: "string" },
    points: { type: "string" },
    records: { type: "string" },
    profile: { type: "boolean", default: false },
    ways: { type: "boolean", default: false },
    alone: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  };
  const { values } = parseArgs({ args, options });
  if (values.help) {
    say(USAGE);
    process.exit(0);
  }
  const number = (name, fallback) => {
    const value = Number(values[name] ?? fallback);
    if (Number.isFinite(value) && value > 0) return value;
    console.error(`--${name} is "${values[name]}": it wants a number above 0\n${USAGE}`);
    process.exit(1);
  };
  const work = path.resolve(values.work);
  return {
    sizeGib: values.quick ? QUICK_GIB : number("size-gib"),
    runs: number("runs"),
    from: path.resolve(values.from),
    seed: number("seed"),
    points: number("points", values.quick ? 1_000 : 10_000),
    records: number("records", values.quick ? 100_000 : 1_000_000),
    work,
    json: path.resolve(values.json ?? path.join(work, "bench.json")),
    profiles: values.profile ? path.join(work, "profiles") : null,
    ways: values.ways,
    alone: values.alone,
  };
}

function describeData(dataset) {
  say(`  before  SHA-256 ${dataset.beforeSha256}`);
  say(`  after   SHA-256 ${dataset.afterSha256}`);
  say(
    `  ${bytes(dataset.filledBytes)} filled; ${bytes(dataset.changedBytes)} changed, in ${dataset.touchedRecords} pieces of 1 MiB`,
  );
}

async function prepareOthers(dataset) {
  const found = findOthers();
  for (const [name, missing] of Object.entries(found))
    if (missing) say(`  ${name} is left out of the comparison: ${missing} is not installed`);
  if (found.restic && found.rsync) return {};
  const ssh = await startSshd(path.join(settings.work, "ssh"));
  stops.push(ssh.stop);
  step("The others: restic's source repository");
  return { ssh, rsync: !found.rsync, restic: found.restic ? null : await prepareRestic(settings.work, dataset) };
}

/** Ours and theirs by turns, so that a slow minute of the machine does not fall on one of them. */
async function round(dataset, others, isLast) {
  const figures = {};
  say(`  ${bold("Twincore")}`);
  figures.twincore = await twincoreRound({
    folder: path.join(settings.work, "cores"),
    dataset,
    profiles: settings.profiles,
    ways: settings.ways,
    meanwhile: isLast ? (pair) => measureAtScale(pair, settings) : undefined,
  });
  if (others.restic) {
    say(`  ${bold("restic copy")}`);
    figures.restic = await resticRound(settings.work, others.ssh, others.restic);
  }
  if (others.rsync) {
    say(`  ${bold("rsync")}`);
    figures.rsync = await rsyncRound(settings.work, others.ssh, dataset);
  }
  return figures;
}

async function finish(code) {
  await Promise.allSettled(stops.map((stop) => stop()));
  rmSync(path.join(settings.work, "restic-source"), { recursive: true, force: true });
  process.exit(code);
}

import { bold, bytes, rate, say, step } from "../demo/terminal.mjs";
import { median, percentile } from "./figures.mjs";

/** Prints the figures of a benchmark: medians of its rounds, and ratios between what ran in the same round. */
export function printReport({ rounds, dataset, machine }) {
  step(
    `Figures (medians of ${rounds.length}; ${machine.cpus} CPUs, ${bytes(machine.memoryBytes)}, Node ${machine.node})`,
  );
  printReplication(rounds, dataset);
  printIncremental(rounds, dataset);
  if (rounds.every((round) => round.twincore.ways)) printWays(rounds);
  printUnchanged(rounds);
  printLocalWork(rounds);
  printDashboards(rounds);
  printProcessors(rounds.at(-1).twincore.processors);
  printMemory(rounds);
}

const of = (rounds, pick) => median(rounds.map(pick));
const seconds = (value) => (value === null ? "–" : `${value.toFixed(value < 10 ? 2 : 1)} s`);
const times = (value) => (value === null ? "–" : `${value.toFixed(2)} ×`);
/** How much faster ours was, round by round. */
const ratio = (rounds, name, kind) =>
  of(
    rounds.filter((round) => round[name]),
    (round) => round[name][kind].seconds / round.twincore[kind].seconds,
  );

function print(title, head, rows) {
  say(`\n  ${bold(title)}`);
  const widths = head.map((text, i) => Math.max(text.length, ...rows.map((row) => String(row[i]).length)));
  const line = (row) =>
    `  ${row.map((cell, i) => (i === 0 ? String(cell).padEnd(widths[i]) : String(cell).padStart(widths[i]))).join("  ")}`;
  say(line(head));
  for (const row of rows) say(line(row));
}

function printReplication(rounds, dataset) {
  const full = of(rounds, (round) => round.twincore.full.seconds);
  const wire = of(rounds, (round) => round.twincore.full.wireBytes);
  const rows = [
    ["Twincore", seconds(full), rate(dataset.sizeBytes, full), bytes(wire), share(wire, dataset.sizeBytes), ""],
  ];
  for (const name of othersOf(rounds)) {
    const took = of(rounds, (round) => round[name]?.full.seconds);
    const sent = of(rounds, (round) => round[name]?.full.wireBytes);
    rows.push([
      name,
      seconds(took),
      rate(dataset.sizeBytes, took),
      bytes(sent),
      share(sent, dataset.sizeBytes),
      times(ratio(rounds, name, "full")),
    ]);
  }
  print("Full replication", ["", "time", "logical", "wire", "of logical", "Twincore faster by"], rows);
}

function printIncremental(rounds, dataset) {
  const changed = of(rounds, (round) => round.twincore.changed.seconds);
  const wire = of(rounds, (round) => round.twincore.changed.wireBytes);
  const stored = of(rounds, (round) => round.twincore.captureAgain.storedBytes);
  const rows = [["Twincore", seconds(changed), bytes(wire), times(wire / stored), ""]];
  for (const name of othersOf(rounds)) {
    const took = of(rounds, (round) => round[name]?.changed.seconds);
    const sent = of(rounds, (round) => round[name]?.changed.wireBytes);
    rows.push([name, seconds(took), bytes(sent), "", times(ratio(rounds, name, "changed"))]);
  }
  print(
    `About 1 % changed: ${bytes(dataset.changedBytes)} in ${dataset.touchedRecords} MiB-pieces, stored by the capture in ${bytes(stored)}`,
    ["", "time", "wire", "of stored", "Twincore faster by"],
    rows,
  );
}

/** Of each way the median of all its turns; "of negotiated" compares within this run. */
function printWays(rounds) {
  const rows = rounds.flatMap((round) => round.twincore.ways);
  const figure = (mode, pick) => median(rows.filter((row) => row.mode === mode).map(pick));
  const beside = (row) => row.wireBytes - row.storedBytes;
  const line = (mode) => {
    const compared = (pick) => times(figure(mode, pick) / figure("negotiated", pick));
    return [
      mode,
      seconds(figure(mode, (row) => row.seconds)),
      compared((row) => row.seconds),
      figure(mode, (row) => row.keys),
      bytes(figure(mode, (row) => row.wireBytes)),
      bytes(figure(mode, beside)),
      compared(beside),
    ];
  };
  print(
    `An equal change once more, each way forced twice in turn: ${rows[0].records} records`,
    ["", "time", "of negotiated", "keys offered", "wire", "beside records", "of negotiated"],
    ["negotiated", "direct"].map(line),
  );
}

function printUnchanged(rounds) {
  const scale = rounds.at(-1).twincore.more;
  const rows = [
    [
      "2 recovery points",
      of(rounds, (round) => round.twincore.unchanged.seconds),
      of(rounds, (round) => round.twincore.unchanged.seenSeconds),
      of(rounds, (round) => round.twincore.unchanged.wireBytes),
    ],
  ];
  if (scale.unchanged)
    rows.push([
      `${scale.points} recovery points`,
      scale.unchanged.seconds,
      scale.unchanged.seenSeconds,
      scale.unchanged.wireBytes,
    ]);
  print(
    "Nothing changed",
    ["", "run", "from the call to its end, as seen", "wire"],
    rows.map(([name, run, seen, wire]) => [name, seconds(run), seconds(seen), bytes(wire)]),
  );
  for (const name of othersOf(rounds))
    say(`  ${name}: ${seconds(of(rounds, (round) => round[name]?.unchanged.seconds))}`);
  if (scale.negotiation) printNegotiation(scale.negotiation);
}

function printNegotiation({ indexed, offered, missing, seconds: took, bytes: sent }) {
  print(
    `Negotiation, over mutual TLS, against an index of ${indexed} records`,
    ["", "offered", "missing", "time", "records/s", "wire"],
    [["", offered, missing, seconds(took), Math.round(offered / took), bytes(sent)]],
  );
}

function printLocalWork(rounds) {
  const row = (name, key) => [
    name,
    seconds(of(rounds, (round) => round.twincore[key].seconds)),
    rate(
      of(rounds, (round) => round.twincore[key].bytes),
      of(rounds, (round) => round.twincore[key].seconds),
    ),
  ];
  print(
    "Capture and restore",
    ["", "time", "logical"],
    [
      row("capture, first", "capture"),
      row("capture, 1 % changed", "captureAgain"),
      row("restore on the target", "restore"),
    ],
  );
}

function printDashboards(rounds) {
  const rows = rounds.flatMap((round) => round.twincore.dashboards);
  const keys = [...new Set(rows.map(({ core, path }) => `${core} ${path}`))];
  const all = (key, field) => median(rows.filter((row) => `${row.core} ${row.path}` === key).map((row) => row[field]));
  print(
    "Dashboard requests during the full replication",
    ["", "asked", "p50 ms", "p95 ms", "most ms"],
    keys.map((key) => [
      key,
      all(key, "count"),
      ...["p50Ms", "p95Ms", "maxMs"].map((field) => all(key, field).toFixed(1)),
    ]),
  );
  say(
    `  the slowest request's p95: ${percentile(
      keys.map((key) => all(key, "p95Ms")),
      1,
    ).toFixed(1)} ms`,
  );
}

/** Who worked while the full replication ran. The time begins with the approval, some seconds before the run. */
function printProcessors({ seconds: lasted, rows, othersSeconds }) {
  const share = (value) => `${value.toFixed(1)} s`;
  print(
    `Processor time around the full replication (${lasted.toFixed(1)} s on the clock)`,
    ["", "CPU"],
    [
      ...rows.map((row) => [row.process, share(row.cpuSeconds)]),
      ["everything else on this machine", share(othersSeconds)],
    ],
  );
}

function printMemory(rounds) {
  const rows = rounds.flatMap((round) => round.twincore.memory);
  const names = [...new Set(rows.map(({ process }) => process))];
  print(
    "Most resident memory of each process",
    ["", "peak"],
    names.map((name) => [
      name,
      bytes(Math.max(...rows.filter(({ process }) => process === name).map((row) => row.peakBytes))),
    ]),
  );
}

const othersOf = (rounds) => ["restic", "rsync"].filter((name) => rounds.some((round) => round[name]));
const share = (part, whole) => (part === null ? "–" : `${((100 * part) / whole).toFixed(1)} %`);

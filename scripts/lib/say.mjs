// How the launcher talks: short lines a person can act on.

/** One line of progress. */
export function say(text) {
  process.stdout.write(`${text}\n`);
}

/** Ends the program with one clear line. */
export function fail(text) {
  process.stderr.write(`\nTwincore cannot go on: ${text}\n`);
  process.exit(1);
}

/** Seconds since `startedAt` (performance.now()), for people. */
export function seconds(startedAt) {
  return `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
}

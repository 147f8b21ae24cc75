const isTerminal = process.stdout.isTTY === true;
const BAR_WIDTH = 28;
const LINE_MS = 2_000;

export const bold = (text) => (isTerminal ? `\x1b[1m${text}\x1b[22m` : text);
export const dim = (text) => (isTerminal ? `\x1b[2m${text}\x1b[22m` : text);
export const say = (text = "") => console.log(text);
export const step = (text) => console.log(`\n${bold("•")} ${bold(text)}`);

/** Binary units, as the dashboard writes them. */
export function bytes(count) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = Number(count);
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 2 : 1)} ${units[unit]}`;
}

export const rate = (bytesDone, seconds) => `${(bytesDone / 1e6 / Math.max(seconds, 0.001)).toFixed(0)} MB/s`;

/** A progress line: redrawn in place in a terminal, a line every two seconds elsewhere. */
export function progressLine() {
  let lastAt = 0;
  return {
    draw(done, total, text) {
      const share = total > 0 ? Math.min(1, done / total) : 0;
      const full = Math.round(share * BAR_WIDTH);
      const line = `  [${"█".repeat(full)}${"·".repeat(BAR_WIDTH - full)}] ${String(Math.floor(share * 100)).padStart(3)} %  ${text}`;
      if (isTerminal) process.stdout.write(`\r\x1b[2K${line.slice(0, (process.stdout.columns ?? 120) - 1)}`);
      else if (Date.now() - lastAt >= LINE_MS) {
        lastAt = Date.now();
        console.log(line);
      }
    },
    end() {
      if (isTerminal) process.stdout.write("\r\x1b[2K");
    },
  };
}

/** Rows of [label, value] under each other. */
export function table(rows) {
  const width = Math.max(...rows.map(([label]) => label.length));
  for (const [label, value] of rows) console.log(`  ${dim(label.padEnd(width))}  ${value}`);
}

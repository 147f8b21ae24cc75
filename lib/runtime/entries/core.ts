import { TwincoreError } from "@/lib/errors";
import { log } from "@/lib/log";
import { findRoot } from "@/lib/runtime/root";
import { helpText, readSettings } from "@/lib/runtime/settings";
import { type RunningCore, startCore } from "@/lib/runtime/supervisor";

const startedAt = performance.now();
const root = findRoot();

/** The program behind `npm start`: see server.mjs. */
async function main(): Promise<void> {
  // What reads our output may go away first; that must not end the core half-way.
  process.stdout.on("error", () => undefined);
  const settings = readSettings(process.argv.slice(2), process.env, root);
  if (!settings) {
    process.stdout.write(helpText(root));
    return;
  }
  log.level = settings.logLevel;
  const stopAsked = new AbortController();
  const asked = new Promise<void>((resolve) => stopAsked.signal.addEventListener("abort", () => resolve()));
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => stopAsked.abort());
  // The script that started us with a channel is gone, however it went: nobody else would ever stop this core.
  process.on("disconnect", () => stopAsked.abort());
  const core = await startCore(settings, root, log, stopAsked.signal).catch((error: unknown) => {
    if (stopAsked.signal.aborted) return null;
    throw error;
  });
  if (!core) return;
  announce(core);
  await asked;
  process.stdout.write("Stopping …\n");
  await core.stop();
  process.stdout.write("Stopped.\n");
}

function announce(core: RunningCore): void {
  const { name, webUrl, peerUrl, vendorUrl } = core.state();
  const lines = [
    "",
    `  Twincore "${name}" is ready after ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`,
    ...(webUrl ? [`  Dashboard    ${webUrl}`] : []),
    ...(peerUrl ? [`  Other cores  ${peerUrl}`] : []),
    ...(vendorUrl ? [`  Other APIs   ${vendorUrl}`] : []),
    ...(core.setupUrl ? ["", "  Create the administrator here; the link works once:", `  ${core.setupUrl}`] : []),
    "",
    "",
  ];
  process.stdout.write(lines.join("\n"));
}

await main().then(
  () => process.exit(0),
  (error: unknown) => {
    const known = error instanceof TwincoreError && error.code !== "internal";
    process.stderr.write(
      `\nTwincore cannot start: ${known ? error.message : error instanceof Error ? error.stack : error}\n`,
    );
    process.exit(1);
  },
);

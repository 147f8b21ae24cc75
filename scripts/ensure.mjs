// Makes this checkout ready to run, doing only what changed. Plain Node, no packages.
//   node scripts/ensure.mjs deps      packages
//   node scripts/ensure.mjs runtime   … and the bundled processes
//   node scripts/ensure.mjs build     … and the pages
//   node scripts/ensure.mjs browser   … and a browser for the tests
import "./lib/node-version.mjs";
import path from "node:path";
import { browserReady, prepareBrowser } from "./lib/browser.mjs";
import { runStep, staleSteps } from "./lib/build.mjs";
import { assertWritable, dependenciesReady, installDependencies } from "./lib/install.mjs";
import { lock } from "./lib/lock.mjs";
import { fail, say } from "./lib/say.mjs";
import { root } from "./lib/stamp.mjs";

// A first install on a slow line; whoever waits longer should look at what the other start is doing.
const LOCK_WAIT_MS = 30 * 60_000;

const wanted = new Set(process.argv.slice(2));
const unknown = [...wanted].find((word) => !["deps", "runtime", "build", "browser"].includes(word));
if (unknown) fail(`"${unknown}" is nothing this script makes: deps, runtime, build, browser.`);

const steps = wanted.has("build") ? ["client", "runtime", "pages"] : wanted.has("runtime") ? ["client", "runtime"] : [];
if (!isReady()) await prepare();

function isReady() {
  return dependenciesReady() && staleSteps(steps).length === 0 && (!wanted.has("browser") || browserReady());
}

async function prepare() {
  assertWritable(root);
  // Two starts at once in one checkout: the second waits and then finds everything done.
  const held = await lock(path.join(root, ".build/ensure.lock"), {
    timeoutMs: LOCK_WAIT_MS,
    onWait: (holder) => say(`Another start (process ${holder.pid}) is preparing this checkout; waiting for it …`),
  });
  try {
    installDependencies();
    for (const name of steps) if (staleSteps([name]).length > 0) await runStep(name);
    if (wanted.has("browser")) await prepareBrowser();
  } finally {
    held.release();
  }
}

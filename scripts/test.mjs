// npm test: every check there is, in the order in which they are quick to fail; stops at the first red one.
//   node scripts/test.mjs            all
//   node scripts/test.mjs --quick    what needs no database and no browser
import "./lib/node-version.mjs";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { say, seconds } from "./lib/say.mjs";
import { root } from "./lib/stamp.mjs";

const vitest = (project) => ["vitest", "run", "--project", project];

const steps = [
  // The types of routes and pages are made from the files in app.
  { name: "route types", command: ["next", "typegen"], quick: true },
  { name: "types", command: ["tsc", "--noEmit"], quick: true },
  { name: "lint", command: ["biome", "check", "."], quick: true },
  { name: "import rules", command: vitest("architecture"), quick: true },
  { name: "unit", command: vitest("unit") },
  { name: "integration", command: vitest("integration") },
  { name: "system", command: vitest("system") },
  { name: "browser", command: ["playwright", "test"], needs: "tests/e2e" },
];

const quick = process.argv.includes("--quick");
const done = [];
for (const step of steps) {
  if (quick && !step.quick) continue;
  if (step.needs && !existsSync(path.join(root, step.needs))) {
    done.push(`  -        ${step.name}: there is no ${step.needs}`);
    continue;
  }
  say(`\n== ${step.name}: ${step.command.join(" ")}`);
  const startedAt = performance.now();
  const status = await run(step.command);
  done.push(`  ${status === 0 ? "passed" : "FAILED"}   ${step.name} (${seconds(startedAt)})`);
  if (status !== 0) finish(1);
}
finish(0);

function run([command, ...args]) {
  const child = spawn(path.join(root, "node_modules/.bin", command), args, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1" },
  });
  const pass = (signal) => child.kill(signal);
  for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, pass);
  return new Promise((resolve) => {
    child.on("error", (error) => {
      say(`${command} could not be started: ${error.message}`);
      resolve(1);
    });
    child.on("exit", (code) => {
      for (const signal of ["SIGTERM", "SIGINT"]) process.off(signal, pass);
      resolve(code ?? 1);
    });
  });
}

function finish(status) {
  say(`\n${done.join("\n")}\n`);
  process.exit(status);
}

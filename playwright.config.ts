import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { defineConfig } from "@playwright/test";

/** Written by `node scripts/ensure.mjs browser`. */
interface Browser {
  executablePath: string;
  args: string[];
  env: Record<string, string>;
}

const file = path.join(import.meta.dirname, ".build/browser.json");
if (!existsSync(file))
  throw new Error("No browser is prepared for the tests. Run: node scripts/ensure.mjs build browser");
// Our own script wrote it.
const { executablePath, args, env } = JSON.parse(readFileSync(file, "utf8")) as Browser;

export default defineConfig({
  testDir: "tests/e2e",
  // The road is one story on two cores: its steps follow each other.
  workers: 1,
  fullyParallel: false,
  retries: 0,
  // A pair of cores each: what one leaves behind, or breaks, is nothing to the other.
  projects: [
    { name: "road", testMatch: "road.spec.ts" },
    { name: "failover", testMatch: "failover.spec.ts" },
    { name: "people", testMatch: "people.spec.ts" },
    // Both look at every page of the same two cores.
    { name: "accessibility", testMatch: /(accessibility|browser-safety)\.spec\.ts/ },
    { name: "two-person", testMatch: "two-person.spec.ts" },
    { name: "month-end", testMatch: "month-end.spec.ts" },
  ],
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [["list"]],
  outputDir: "test-results",
  use: {
    // Each core signs its own certificate.
    ignoreHTTPSErrors: true,
    acceptDownloads: true,
    locale: "en-GB",
    trace: "retain-on-failure",
    launchOptions: { executablePath, args, env: { ...process.env, ...env } as Record<string, string> },
  },
});

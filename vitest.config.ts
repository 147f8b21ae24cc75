import path from "node:path";
import { defineConfig } from "vitest/config";

const root = import.meta.dirname;
// Engine files import "server-only", which throws outside Next's server build; tests are a server too.
const alias = { "@": root, "server-only": path.join(root, "tests/support/server-only.ts") };
const setupFiles = [path.join(root, "tests/support/seed.ts")];
const common = { environment: "node" as const, testTimeout: 60_000, hookTimeout: 120_000, setupFiles };

export default defineConfig({
  resolve: { alias },
  test: {
    projects: [
      { resolve: { alias }, test: { ...common, name: "architecture", include: ["tests/architecture.test.ts"] } },
      { resolve: { alias }, test: { ...common, name: "unit", include: ["tests/unit/**/*.test.ts"] } },
      {
        resolve: { alias },
        test: {
          ...common,
          name: "integration",
          include: ["tests/integration/**/*.test.ts"],
          globalSetup: ["tests/support/global-postgres.ts"],
          maxWorkers: 2,
        },
      },
      {
        resolve: { alias },
        // Real cores as processes: they need what `node scripts/ensure.mjs build` makes, and both CPUs.
        test: {
          ...common,
          name: "system",
          include: ["tests/system/**/*.test.ts"],
          maxWorkers: 1,
          fileParallelism: false,
        },
      },
    ],
  },
});

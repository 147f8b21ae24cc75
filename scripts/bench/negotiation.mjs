import { spawnSync } from "node:child_process";
import path from "node:path";
import { build } from "esbuild";

const root = path.resolve(import.meta.dirname, "../..");

/**
 * Offers `records` keys, half of which the target's index knows, to the target over mutual TLS with the source's own certificate.
 * Returns { indexed, offered, missing, seconds, bytes }.
 */
export async function measureNegotiation({ source, agent, pairing }, records) {
  const program = path.join(root, ".build", "bench-negotiation.mjs");
  await build({
    absWorkingDir: root,
    entryPoints: [path.join(import.meta.dirname, "negotiation-client.ts")],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    alias: { "server-only": path.join(root, "scripts/lib/server-only.mjs") },
    logLevel: "warning",
  });
  const [volume] = agent.volumes;
  const args = [pairing.id, agent.id, volume.id, volume.name, String(Math.floor(records / 2)), String(records)];
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 16 * 1024 * 1024,
    env: {
      ...process.env,
      DATABASE_URL: source.runtime.databaseUrl,
      TWINCORE_HOME: source.home,
      TWINCORE_PROCESS_ROLE: "worker",
      TWINCORE_LOG_LEVEL: "error",
    },
  });
  if (status !== 0) throw new Error(`the negotiation failed: ${stderr.trim().split("\n").at(-1)}`);
  return { indexed: records, ...JSON.parse(stdout) };
}

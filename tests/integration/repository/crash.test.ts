import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openManifest } from "@/lib/engine/manifests";
import { RecordReader } from "@/lib/engine/records/read";
import { commitInto } from "@/lib/engine/recovery-points/commit";
import { readDocument } from "@/lib/engine/recovery-points/document";
import type { Domain } from "@/lib/engine/repositories";
import { indexedDigests, manifestOf, noise, pointOf, Store, storedDigests } from "../records/store";

const root = path.resolve(import.meta.dirname, "../../..");
const records = [0, 1, 2].map((i) => noise(`crash ${i}`, 300_000));

interface Scene {
  domain: Domain;
  agentId: string;
  volumeId: string;
  imageId: string;
  pointId: string;
}

let store: Store;
let script: string;
beforeAll(async () => {
  store = await Store.start();
  // Below the checkout, so that packages are found.
  const folder = mkdtempSync(path.join(root, "node_modules", ".twincore-crash-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  script = path.join(folder, "crash.mjs");
  const alias = {
    "@": root,
    "server-only": path.join(root, "tests/support/server-only.ts"),
    // The child shares the builders of the tests; those register clean-ups that only the test itself runs.
    vitest: path.join(import.meta.dirname, "no-vitest.ts"),
  };
  await build({
    entryPoints: [path.join(import.meta.dirname, "crash-process.ts")],
    outfile: script,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    packages: "external",
    alias,
    logLevel: "error",
  });
});

async function scene(): Promise<Scene> {
  const domain = await store.domain();
  return { domain, ...(await store.agent(domain)), imageId: randomUUID(), pointId: randomUUID() };
}

/** Runs the small capture in a process of its own; answers its steps, or null when it was killed. */
async function capture(at: Scene, killAt: number): Promise<number | null> {
  const env: NodeJS.ProcessEnv = {
    NODE_ENV: "test",
    PATH: process.env.PATH,
    DATABASE_URL: store.ctx.db.url,
    REPOSITORY_ID: store.repositoryId,
    TENANT_ID: at.domain.tenantId,
    AGENT_ID: at.agentId,
    VOLUME_ID: at.volumeId,
    IMAGE_ID: at.imageId,
    POINT_ID: at.pointId,
    KILL_AT: String(killAt),
  };
  const child = spawn(process.execPath, [script], {
    env,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  let steps: number | null = null;
  child.on("message", (message: { steps: number }) => {
    steps = message.steps;
  });
  const [code, signal] = await once(child, "exit");
  if (steps === null) expect(signal).toBe("SIGKILL");
  else expect(code).toBe(0);
  return steps;
}

/** The invariants of lib/engine/README.md, read from disk and database. */
async function assertTruth({ domain, agentId, pointId }: Scene): Promise<boolean> {
  const stored = new Set(await storedDigests(domain));
  for (const digest of await indexedDigests(store.ctx, domain)) expect(stored).toContain(digest);
  const point = await store.ctx.db.prisma.recoveryPoint.findUnique({
    where: { id: pointId },
    include: { images: true },
  });
  if (!point) return false;
  expect((await readDocument(domain, agentId, pointId)).id).toBe(pointId);
  for (const image of point.images) {
    const manifest = await openManifest(domain, image.id);
    expect(manifest.digest.equals(Buffer.from(image.manifestDigest))).toBe(true);
    let i = 0;
    for await (const { plain } of new RecordReader(store.ctx, domain).readMany(manifest.keys("raw")))
      expect(plain.equals(records[i++] as Buffer)).toBe(true);
    expect(i).toBe(records.length);
  }
  return true;
}

describe("a capture that is killed -9", () => {
  it("before any of its steps leaves only truth, and completes when it is run again", async () => {
    const whole = await scene();
    const steps = (await capture(whole, 0)) ?? 0;
    expect(steps).toBeGreaterThan(20);
    expect(await assertTruth(whole)).toBe(true);
    let committedEarly = 0;
    for (let killAt = 1; killAt <= steps; killAt++) {
      const at = await scene();
      await capture(at, killAt);
      if (await assertTruth(at)) committedEarly++;
      const keys = await store.write(at.domain, records);
      const manifest = await manifestOf(at.domain, keys, at.imageId);
      await commitInto(store.ctx, at.domain, { ...pointOf(at.domain, at, manifest, records), id: at.pointId });
      expect(await assertTruth(at)).toBe(true);
    }
    // A kill may come after the last write, but a point that was listed before its last step would be a lie.
    expect(committedEarly).toBeLessThanOrEqual(2);
    expect(readdirSync(path.join(store.folder, "repository/tmp")).length).toBeLessThanOrEqual(steps);
  }, 600_000);
});

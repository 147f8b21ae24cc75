import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Decrypter } from "age-encryption";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EngineContext } from "@/lib/engine/context";
import { exportKeys } from "@/lib/engine/keys";
import { agreeToRequest } from "@/lib/engine/protection";
import { loadSigner } from "@/lib/engine/trust/authority";
import { findKey, saveKey } from "@/lib/engine/trust/sealed-keys";
import { TwincoreError } from "@/lib/errors";
import { readSecret } from "@/lib/runtime/home";
import { ProtectedWorld } from "../protection/world";

const PASSPHRASE = "correct horse battery staple";
const folder = mkdtempSync(path.join(tmpdir(), "twincore-keys-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let world: ProtectedWorld;
beforeAll(async () => {
  world = await ProtectedWorld.start();
  const { prisma } = world;
  await prisma.$transaction((tx) => saveKey(tx, world.core.secret, "pairing:one", { privatePem: "a private key" }));
});

async function exported(ctx: EngineContext): Promise<Buffer> {
  const { body } = await exportKeys(ctx, { passphrase: PASSPHRASE });
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function restore(file: string, home: string, passphrase: string) {
  const args = [path.resolve("scripts/restore-keys.mjs"), file, home];
  const run = spawnSync(process.execPath, args, { input: `${passphrase}\n`, encoding: "utf8" });
  return { status: run.status, text: run.stdout + run.stderr };
}

describe("the key file", () => {
  it("brings a core back whose home was lost: its old sealed keys open again", async () => {
    const file = path.join(folder, "keys.age");
    writeFileSync(file, await exported(world.as("anna")));
    const home = path.join(folder, "home");
    const { status, text } = restore(file, home, PASSPHRASE);
    expect({ status, text }).toMatchObject({ status: 0, text: expect.stringContaining("Vault") });
    expect(statSync(path.join(home, "secret.key")).mode & 0o777).toBe(0o600);
    const secret = readSecret(home) ?? Buffer.alloc(32);
    expect((await findKey(world.prisma, secret, "pairing:one"))?.privatePem).toBe("a private key");
    expect((await loadSigner(world.prisma, secret)).key.type).toBe("private");
  });

  it("holds every private key in words that any age tool reads, and nothing readable without the passphrase", async () => {
    const bytes = await exported(world.as("anna"));
    expect(bytes.includes("PRIVATE KEY")).toBe(false);
    expect(bytes.includes(world.core.secret.toString("hex"))).toBe(false);
    const decrypter = new Decrypter();
    decrypter.addPassphrase(PASSPHRASE);
    const lines = (await decrypter.decrypt(bytes, "text"))
      .trim()
      .split("\n")
      .map((text) => JSON.parse(text));
    expect(lines[0]).toMatchObject({ format: "twincore-keys", version: 1, core: { name: "Vault" } });
    expect(lines.slice(1).map(({ name }) => name)).toEqual(
      (await world.prisma.sealedKey.findMany({ orderBy: { name: "asc" } })).map(({ name }) => name),
    );
    expect(lines.find(({ name }) => name === "ca").privatePem).toContain("PRIVATE KEY");
  });

  it("never replaces a key that is there, and leaves nothing behind for a wrong passphrase", async () => {
    const file = path.join(folder, "more.age");
    writeFileSync(file, await exported(world.as("anna")));
    const empty = path.join(folder, "empty");
    expect(restore(file, empty, "another passphrase")).toMatchObject({ status: 1 });
    expect(existsSync(path.join(empty, "secret.key"))).toBe(false);
    const taken = mkdtempSync(path.join(folder, "taken-"));
    writeFileSync(path.join(taken, "secret.key"), "mine");
    expect(restore(file, taken, PASSPHRASE)).toMatchObject({ status: 1 });
    expect(readFileSync(path.join(taken, "secret.key"), "utf8")).toBe("mine");
  });

  it("takes a long passphrase and a fresh proof, and the trail says so without it", async () => {
    await expect(exportKeys(world.as("anna"), { passphrase: "short" })).rejects.toThrow(/15 characters/);
    await expect(exported(world.as("anna", 16))).rejects.toMatchObject({ code: "step_up_required" });
    const before = await world.prisma.auditEntry.count({ where: { action: "keys.export" } });
    await exported(world.as("anna"));
    const entries = await world.prisma.auditEntry.findMany({ where: { action: "keys.export" } });
    expect(entries).toHaveLength(before + 1);
    expect(JSON.stringify(entries.map(({ detail }) => detail))).not.toContain("horse");
  });

  it("takes a second person where that is switched on: then whoever asked gets it, once, and nobody else", async () => {
    await world.requireSecondPerson(["export-keys"]);
    const refusal = await exported(world.as("anna")).catch((error: unknown) => error);
    if (!(refusal instanceof TwincoreError)) throw refusal;
    const id = refusal.options.agreementId ?? "";
    expect(refusal.code).toBe("agreement_pending");
    const kept = await world.prisma.twoPersonRequest.findUniqueOrThrow({ where: { id } });
    expect(JSON.stringify(kept)).not.toContain("horse");
    // An approver may agree to much, and not to this.
    await expect(agreeToRequest(world.as("carl"), { id })).rejects.toMatchObject({ code: "forbidden" });
    await agreeToRequest(world.as("berta"), { id });
    await expect(exported(world.as("berta"))).rejects.toMatchObject({ code: "agreement_pending" });
    const both = await Promise.allSettled([exported(world.as("anna")), exported(world.as("anna"))]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect((await world.prisma.twoPersonRequest.findUniqueOrThrow({ where: { id } })).state).toBe("done");
  });
});

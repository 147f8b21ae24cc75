import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { DriveManifest, openSigned, signManifest } from "@/lib/engine/seed-drives/manifest";
import { makeKeyPair, makeSelfSigned } from "@/lib/engine/trust/x509";

async function identity() {
  const { keys, privatePem } = await makeKeyPair();
  return { privatePem, certificatePem: await makeSelfSigned(keys, "Harbour", new Date()) };
}

const agentId = randomUUID();
const manifest: DriveManifest = {
  format: "twincore-seed-drive",
  version: 1,
  driveId: randomUUID(),
  name: "Böblingen → Vault",
  position: 1,
  isLast: true,
  sourceCoreId: randomUUID(),
  sourceName: "Harbour",
  pairingId: randomUUID(),
  createdAt: "2026-01-01T00:00:00.000Z",
  writtenAt: "2026-01-02T00:00:00.000Z",
  pointsTotal: 1,
  agents: [{ id: agentId, name: "db", hostName: "db.example", points: 1, volumes: [] }],
  files: [
    {
      name: "records/00000001.records",
      number: 1,
      kind: "records",
      agentId,
      recoveryPointId: randomUUID(),
      imageId: null,
      sizeBytes: 10,
      sha256: "0".repeat(64),
      recordCount: 1,
    },
  ],
};

describe("the manifest of a seed drive", () => {
  it("comes back as it was signed, with the certificate that signed it", async () => {
    const opened = openSigned(signManifest(manifest, await identity()));
    expect(opened.manifest).toEqual(manifest);
    expect(opened.digest.length).toBe(32);
  });

  it("is refused when one bit of it is another", async () => {
    const signed = signManifest(manifest, await identity());
    const at = signed.indexOf("Harbour");
    signed.writeUInt8(signed.readUInt8(at) ^ 1, at);
    expect(() => openSigned(signed)).toThrow(/altered/);
  });

  it("is refused under the certificate of another key", async () => {
    const [one, other] = [await identity(), await identity()];
    const signed = signManifest(manifest, { ...one, certificatePem: other.certificatePem });
    expect(() => openSigned(signed)).toThrow(/altered/);
  });

  it("names no file outside of its folder", () => {
    for (const name of [
      "../secret",
      "/etc/passwd",
      "records/../x.records",
      "seed-drive.json",
      "records/0000001.exe",
      "",
    ])
      expect(
        DriveManifest.safeParse({ ...manifest, files: manifest.files.map((file) => ({ ...file, name })) }).success,
        name,
      ).toBe(false);
  });
});

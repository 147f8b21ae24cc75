import { randomBytes, randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Declared } from "@/lib/engine/image-sessions/schemas";
import { startRemoteReplicationJob } from "@/lib/peer/operations/jobs";
import { md5, type Sender, sha256, UploadWorld } from "./world";

let world: UploadWorld;
let sender: Sender;
let stranger: Sender;
beforeAll(async () => {
  world = await UploadWorld.start();
  sender = world.sender;
  stranger = await world.stranger();
});
beforeEach(async () => {
  const { prisma } = world.target.db;
  await prisma.uploadSession.updateMany({ where: { state: "open" }, data: { state: "cancelled" } });
  await prisma.coreFile.updateMany({ data: { removedAt: new Date() } });
  world.target.aheadMs = 0;
});

const bytes = (size: number) => randomBytes(size);
const row = (id: string) => world.target.db.prisma.uploadSession.findUniqueOrThrow({ where: { id } });

describe("Exchange", () => {
  it("versions and libraries are told to the core that sent them, names in any letter case", async () => {
    expect(await sender.versions()).toEqual(["None"]);
    const file = bytes(1000);
    await sender.file("Ese_1.dll", file, "Exchange2010");
    expect(await sender.versions()).toEqual(["Exchange2010"]);
    const told = {
      fileName: "Ese_1.dll",
      size: 1000,
      version: "Exchange2010",
      md5Hash: md5(file),
      sha256Hash: sha256(file),
    };
    expect(await sender.info("ESE_1.DLL", "Exchange2010")).toEqual(told);
    await expect(sender.info("EseX1.dll", "Exchange2010")).rejects.toMatchObject({ code: "not_found" });
    await expect(sender.info("Ese_1.dll", "Exchange2007")).rejects.toMatchObject({ code: "not_found" });
    await sender.file("Ese_1.dll", bytes(10));
    expect(await sender.info("Ese_1.dll", "Exchange2007")).toMatchObject({ size: 10, version: "None" });
    expect(await sender.info("Ese_1.dll", "Exchange2010")).toEqual(told);
  });
});

describe("a client that speaks XML", () => {
  it("sends a file, asks for it, and gives one up, in the contract's own addresses", async () => {
    const file = bytes(1000);
    const namespace = 'xmlns="http://apprecovery.com/management/api/2010/05"';
    const asked = `<fileReceiveRequest ${namespace}><fileName>ese.dll</fileName><fileSize>1000</fileSize><md5Hash>${md5(file)}</md5Hash></fileReceiveRequest>`;
    const start = async () => {
      const { text } = await world.xml("POST", "slave/newsession/", asked);
      return /<uploadSessionId>([\da-f-]{36})</.exec(text)?.[1] ?? text;
    };
    const id = await start();
    for (const part of [file.subarray(0, 600), file.subarray(0, 600), file.subarray(600)]) {
      const answer = await world.xml("POST", `slave/sessions/${id}/data/${part.length}`, part);
      expect(answer).toEqual({ status: 200, text: "" });
    }
    expect(await world.xml("POST", `slave/sessions/${id}/`)).toEqual({ status: 200, text: "" });
    const version =
      '<ExchangeServerVersion xmlns="http://schemas.datacontract.org/2004/07/Replay.Common.Contracts.Metadata.Exchange">Exchange2010</ExchangeServerVersion>';
    const info = await world.xml("POST", "slave/exchange/dllinfo/ESE.dll", version);
    expect(info.text).toContain(`<fileName>ese.dll</fileName><md5Hash>${md5(file)}</md5Hash>`);
    await sender.file("ese.dll", file, "Exchange2010");
    const versions = await world.xml("GET", "slave/exchange");
    expect(versions.text).toMatch(/<exchangeServerVersions [^>]*>Exchange2010<\/exchangeServerVersions>$/);
    const other = await start();
    expect(other).not.toBe(id);
    expect((await world.xml("DELETE", `slave/sessions/${other}/`)).status).toBe(200);
    expect((await row(other)).state).toBe("cancelled");
    expect((await world.xml("POST", `slave/sessions/${other}/`)).status).toBe(409);
  });
});

describe("the address that two operations share", () => {
  it("ends an image session when the id is one and commit is said, and touches nothing otherwise", async () => {
    const { prisma } = world.target.db;
    const { targetId: pairingId } = world.ids;
    const agent = await prisma.agent.findFirstOrThrow({ where: { pairingId } });
    const startJob = { agentId: agent.id, masterJobId: randomUUID() };
    const jobId = await sender.client.call(startRemoteReplicationJob, startJob);
    const image = { pairingId, jobId, agentId: agent.id, recoveryPointId: randomUUID() };
    const declared: Declared = {
      epochNumber: 1,
      utcCreatedTimestamp: new Date().toISOString(),
      streams: [{ kind: "raw", keyCount: 1, totalBytes: 1 }],
      point: {
        images: [
          {
            id: randomUUID(),
            volumeId: randomUUID(),
            volumeDisplayName: "disk",
            volumeKind: "image",
            size: 1,
            entryCount: 0,
            recordCount: 1,
            headerHash: "0".repeat(64),
          },
        ],
        logicalBytes: 1,
        skippedCount: 0,
        skipped: [],
      },
    };
    const { id } = await prisma.imageSession.create({
      data: { ...image, volumeImageId: randomUUID(), declared, keyCount: 1 },
    });
    const state = () => prisma.imageSession.findUniqueOrThrow({ where: { id } }).then((session) => session.state);
    await expect(sender.cancel(id)).rejects.toMatchObject({ code: "not_found" });
    await expect(stranger.cancel(id, "false")).rejects.toMatchObject({ code: "not_found" });
    expect(await state()).toBe("open");
    await expect(sender.cancel(id, "true")).rejects.toMatchObject({ code: "invalid_input" });
    await sender.cancel(id, "false");
    expect(await state()).toBe("aborted");
  });
});

import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { getTransferredBlocks, sweepImageSessions } from "@/lib/engine/image-sessions";
import { decodeKeys, encodeKeys, holeKey, KEY_BYTES } from "@/lib/engine/records/key";
import { inProcessTarget } from "../replication/in-process-target";
import { TwoCores } from "../replication/two-cores";
import { HandMade, stream } from "./hand-made";

async function bits(cores: TwoCores, sessionId: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await getTransferredBlocks(cores.peerCtx, { sessionId })) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const cores = await TwoCores.start();
let hand: HandMade;
beforeEach(async () => {
  hand = await HandMade.start(cores);
});

describe("starting", () => {
  it("refuses images that do not agree with their point", async () => {
    const { client, declaration } = hand;
    const start = (change: object) => client.startImageSession({ ...declaration, ...change });
    await expect(start({ volumeImageId: randomUUID() })).rejects.toMatchObject({ code: "invalid_input" });
    const stream = { kind: "raw", keyCount: 19, totalBytes: 1 };
    await expect(start({ streams: [stream] })).rejects.toMatchObject({ code: "invalid_input" });
    await expect(start({ streams: [{ ...stream, kind: "entries" }] })).rejects.toMatchObject({ code: "invalid_input" });
    const [image] = declaration.point.images;
    const images = [{ ...image, volumeId: randomUUID() }];
    await expect(start({ point: { ...declaration.point, images } })).rejects.toMatchObject({ code: "conflict" });
  });

  it("knows no agents and jobs of others", async () => {
    const { client, declaration } = hand;
    const start = (change: object) => client.startImageSession({ ...declaration, ...change });
    await expect(start({ agentId: randomUUID() })).rejects.toMatchObject({ code: "not_found" });
    await expect(start({ jobId: randomUUID() })).rejects.toMatchObject({ code: "not_found" });
  });

  it("gives the same session again when the answer was lost", async () => {
    expect((await hand.open()).sessionId).toBe((await hand.open()).sessionId);
  });

  it("gives a committed session for an image that is here, and a conflict for another one under its id", async () => {
    await cores.run();
    const again = await hand.open();
    expect(await hand.client.poke(again)).toBe("Committed");
    const images = hand.declaration.point.images.map((image) => ({ ...image, headerHash: "00".repeat(32) }));
    const point = { ...hand.declaration.point, images };
    const jobId = await hand.client.startJob({ agentId: hand.declaration.agentId, masterJobId: randomUUID() });
    const other = hand.client.startImageSession({ ...hand.declaration, jobId, point });
    await expect(other).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("a session of another pairing", () => {
  it("does not exist, whatever is asked of it", async () => {
    const ref = await hand.open();
    await hand.client.negotiate({ ...ref, start: 0 }, encodeKeys(hand.keys));
    const before = await cores.storedRecords();
    const other = await cores.target.db.prisma.pairing.create({
      data: {
        side: "target",
        state: "established",
        peerName: "o",
        requestKeyDigest: new Uint8Array(32),
        verificationCode: "",
      },
    });
    const stranger = inProcessTarget(cores.target.as({ kind: "peer", pairingId: other.id, name: "stranger" }), {
      signal: new AbortController().signal,
    });
    const nothing = { code: "not_found" };
    await expect(stranger.negotiate({ ...ref, start: 0 }, encodeKeys(hand.keys))).rejects.toMatchObject(nothing);
    await expect(stranger.transfer({ ...ref, start: 0 }, stream(hand.frames))).rejects.toMatchObject(nothing);
    await expect(stranger.poke(ref)).rejects.toMatchObject(nothing);
    await expect(stranger.startEnding({ ...ref, commit: true })).rejects.toMatchObject(nothing);
    await expect(stranger.end({ ...ref, commit: false })).rejects.toMatchObject(nothing);
    await expect(
      stranger.selectRecoveryPoints({ agentId: ref.agentId, skipCount: 0, maxCount: 1 }),
    ).rejects.toMatchObject(nothing);
    await expect(stranger.verifyAbility({ agentId: ref.agentId })).rejects.toMatchObject(nothing);
    await expect(stranger.startJob({ agentId: ref.agentId, masterJobId: randomUUID() })).rejects.toMatchObject(nothing);
    expect((await stranger.replicatedAgents()).agents).toEqual([]);
    expect(await cores.storedRecords()).toEqual(before);
  });
});

describe("negotiating", () => {
  it("answers each missing record once, never a hole", async () => {
    const { client, keys } = hand;
    const ref = await hand.open();
    const offered = [...keys.slice(0, 17), keys[0], holeKey(16384), keys[1]].filter((key) => key !== undefined);
    const missing = decodeKeys(await client.negotiate({ ...ref, start: 0 }, encodeKeys(offered)));
    expect(missing).toEqual(decodeKeys(encodeKeys(keys.slice(0, 17))));
  });

  it("takes batches one after the other, the same one twice, and nothing else", async () => {
    const { client, keys } = hand;
    const ref = await hand.open();
    const batch = (from: number, to: number) => encodeKeys(keys.slice(from, to));
    await expect(client.negotiate({ ...ref, start: 5 }, batch(5, 10))).rejects.toMatchObject({ code: "invalid_input" });
    const first = await client.negotiate({ ...ref, start: 0 }, batch(0, 10));
    expect(await client.negotiate({ ...ref, start: 0 }, batch(0, 10))).toEqual(first);
    await expect(client.negotiate({ ...ref, start: 0 }, batch(1, 11))).rejects.toMatchObject({ code: "invalid_input" });
    await client.negotiate({ ...ref, start: 10 }, batch(10, 20));
    const over = client.negotiate({ ...ref, start: 20 }, batch(0, 1));
    await expect(over).rejects.toMatchObject({ code: "invalid_input", message: expect.stringContaining("declared") });
  });

  it("refuses what are no keys, too many, or none", async () => {
    const { client, keys } = hand;
    const ref = { ...(await hand.open()), start: 0 };
    await expect(client.negotiate(ref, Buffer.alloc(KEY_BYTES + 1))).rejects.toMatchObject({ code: "invalid_input" });
    await expect(client.negotiate(ref, Buffer.alloc(0))).rejects.toMatchObject({ code: "invalid_input" });
    await expect(client.negotiate(ref, Buffer.alloc(65_537 * KEY_BYTES))).rejects.toMatchObject({ code: "too_large" });
    const tooLong = encodeKeys([{ ...(keys[0] ?? holeKey(1)), rawLength: 5 * 1024 * 1024 }]);
    await expect(client.negotiate(ref, tooLong)).rejects.toMatchObject({ code: "invalid_input" });
  });

  it("is over when the session is", async () => {
    const { client, keys } = hand;
    const dropped = await hand.open();
    await client.end({ ...dropped, commit: false });
    await client.end({ ...dropped, commit: false });
    const offer = client.negotiate({ ...dropped, start: 0 }, encodeKeys(keys));
    await expect(offer).rejects.toMatchObject({ code: "conflict" });
    await cores.run();
    const done = await hand.open();
    await expect(client.negotiate({ ...done, start: 0 }, encodeKeys(keys))).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("transferring", () => {
  it("refuses records that were not offered, and keeps what came before", async () => {
    const { client, keys, frames } = hand;
    const ref = await hand.open();
    await client.negotiate({ ...ref, start: 0 }, encodeKeys(keys.slice(0, 10)));
    const before = (await cores.storedRecords()).records;
    await expect(hand.transfer(ref, ...frames.slice(8, 12))).rejects.toMatchObject({ code: "invalid_input" });
    expect((await cores.storedRecords()).records - before).toBe(2);
    const unknown = client.transfer({ ...ref, start: 10 }, stream(frames));
    await expect(unknown).rejects.toMatchObject({ code: "invalid_input" });
  });

  it("refuses a record whose bytes are not what its id says", async () => {
    const { client, keys, frames } = hand;
    const ref = await hand.open();
    await client.negotiate({ ...ref, start: 0 }, encodeKeys(keys));
    const wrong = Buffer.from(frames[3] ?? "");
    wrong[wrong.length - 1] = (wrong.at(-1) ?? 0) ^ 1;
    await expect(hand.transfer(ref, wrong)).rejects.toMatchObject({ code: "integrity" });
    expect((await bits(cores, ref.sessionId)).equals(Buffer.alloc(3))).toBe(true);
  });

  it("keeps the whole records of a stream that is cut, and tells which by one bit each", async () => {
    const { client, keys, frames } = hand;
    const ref = await hand.open();
    await client.negotiate({ ...ref, start: 0 }, encodeKeys(keys));
    const cut = (frames[9] ?? Buffer.alloc(0)).subarray(0, 100);
    await expect(hand.transfer(ref, ...frames.slice(0, 9), cut)).rejects.toMatchObject({ code: "integrity" });
    expect([...(await bits(cores, ref.sessionId))]).toEqual([0xff, 0x01, 0x00]);
    await hand.transfer(ref, ...frames.slice(19));
    expect([...(await bits(cores, ref.sessionId))]).toEqual([0xff, 0x01, 0x08]);
  });

  it("refuses more bytes than were announced, and an announcement beyond a pack", async () => {
    const { client, keys, frames } = hand;
    const ref = { ...(await hand.open()), start: 0 };
    await client.negotiate(ref, encodeKeys(keys));
    await expect(client.transfer({ ...ref, size: 20_000 }, stream(frames))).rejects.toMatchObject({
      code: "too_large",
    });
    const huge = client.transfer({ ...ref, size: 100 * 1024 * 1024 }, stream([]));
    await expect(huge).rejects.toMatchObject({ code: "too_large" });
  });
});

describe("committing", () => {
  it("refuses an image with records missing, and makes no point", async () => {
    const { client, keys, frames } = hand;
    const ref = await hand.open();
    await client.negotiate({ ...ref, start: 0 }, encodeKeys(keys));
    await hand.transfer(ref, ...frames.slice(1));
    await client.startEnding({ ...ref, commit: true });
    await expect(client.poke(ref)).rejects.toMatchObject({ code: "integrity" });
    expect(await cores.targetPoints()).not.toContain(hand.pointId);
    // A new session is told that just that one is missing, and makes it good.
    const again = await hand.open();
    const missing = decodeKeys(await client.negotiate({ ...again, start: 0 }, encodeKeys(keys)));
    expect(missing).toHaveLength(1);
    await hand.transfer(again, ...frames.slice(0, 1));
    await client.end({ ...again, commit: true });
    expect(await cores.targetPoints()).toContain(hand.pointId);
  });

  it("refuses keys that are not those of the declared image, and takes the right ones afterwards", async () => {
    const { client, keys, frames } = hand;
    const ref = await hand.open();
    await client.negotiate({ ...ref, start: 0 }, encodeKeys(keys.toReversed()));
    await hand.transfer(ref, ...frames);
    await expect(client.end({ ...ref, commit: true })).rejects.toMatchObject({ code: "integrity" });
    expect(await cores.targetPoints()).not.toContain(hand.pointId);
    await cores.run();
    expect(await cores.targetPoints()).toContain(hand.pointId);
  });

  it("waits for all keys", async () => {
    const { client, keys } = hand;
    const ref = await hand.open();
    await client.negotiate({ ...ref, start: 0 }, encodeKeys(keys.slice(0, 10)));
    await expect(client.startEnding({ ...ref, commit: true })).rejects.toMatchObject({ code: "invalid_input" });
    await expect(client.poke(ref)).rejects.toMatchObject({ code: "conflict" });
  });

  it("may be asked for again and again, also after a process that was at it died", async () => {
    const { client, keys, frames } = hand;
    const ref = await hand.open();
    await client.negotiate({ ...ref, start: 0 }, encodeKeys(keys));
    await hand.transfer(ref, ...frames);
    // As a process leaves it that dies right after it said that it begins.
    await cores.target.db.prisma.imageSession.update({ where: { id: ref.sessionId }, data: { state: "committing" } });
    expect(await client.poke(ref)).toBe("Committed");
    await client.startEnding({ ...ref, commit: true });
    await client.end({ ...ref, commit: true });
    expect(await client.poke(ref)).toBe("Committed");
    await expect(client.end({ ...ref, commit: false })).rejects.toMatchObject({ code: "conflict" });
    expect(await cores.targetPoints()).toContain(hand.pointId);
    expect([...(await bits(cores, ref.sessionId))]).toEqual([0xff, 0xff, 0x0f]);
  });
});

describe("sessions that nobody comes back to", () => {
  it("are forgotten after a day, and commits that nobody asks about are finished by a job", async () => {
    const { client, keys } = hand;
    const ref = await hand.open();
    await client.negotiate({ ...ref, start: 0 }, encodeKeys(keys));
    await cores.target.db.prisma.imageSession.update({ where: { id: ref.sessionId }, data: { state: "committing" } });
    cores.target.enqueued.length = 0;
    cores.target.aheadMs = 3 * 60_000;
    await sweepImageSessions(cores.target.ctx);
    const job = { name: "commit-image", payload: { imageSessionId: ref.sessionId } };
    expect(cores.target.enqueued).toContainEqual(job);
    await cores.target.db.prisma.imageSession.update({ where: { id: ref.sessionId }, data: { state: "open" } });
    cores.target.aheadMs = 25 * 3_600_000;
    await sweepImageSessions(cores.target.ctx);
    await expect(client.poke(ref)).rejects.toMatchObject({ code: "not_found" });
    expect(await cores.target.db.prisma.imageSessionKeys.count({ where: { sessionId: ref.sessionId } })).toBe(0);
  });
});

import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import {
  describeConnection,
  describeSnapshot,
  getTransferredBlocks,
  getTransferredBlocksOfImage,
} from "@/lib/engine/image-sessions";
import { packBits, scidOf } from "@/lib/engine/manifests";
import { encodeKeys } from "@/lib/engine/records/key";
import { deleteRecoveryPoint } from "@/lib/engine/recovery-points";
import { setAgentQuota } from "@/tests/support/quotas";
import { inProcessTarget } from "../replication/in-process-target";
import { noise } from "../replication/records";
import { TwoCores } from "../replication/two-cores";
import { HandMade, SIZE, stream } from "./hand-made";

const BLOCKS = 20;
const RECORD = 16 * 1024;
const CHANGED = [2, 19];

type Ref = { agentId: string; jobId: string; sessionId: string };

let cores: TwoCores;
let base: HandMade;
let hand: HandMade;
let disk: Buffer;
/** The base is on the target, and `hand` knows an image that differs from it in two blocks. */
beforeEach(async () => {
  cores = await TwoCores.start();
  disk = noise("base", SIZE);
  base = await HandMade.start(cores, disk);
  await cores.run();
  const next = Buffer.from(disk);
  for (const at of CHANGED) noise(`changed ${at}`, RECORD).copy(next, at * RECORD);
  hand = await HandMade.start(cores, next);
});

const hashOf = (image: HandMade): string => image.declaration.point.images[0]?.headerHash ?? "";
const scid = (image: HandMade): number => scidOf(Buffer.from(hashOf(image), "hex"));
const marked = (...blocks: number[]): Buffer =>
  packBits(Array.from({ length: BLOCKS }, (_, at) => blocks.includes(at)));
const keysOf = (...blocks: number[]): Buffer => encodeKeys(hand.keys.filter((_, at) => blocks.includes(at)));
const framesOf = (...blocks: number[]) => stream(hand.frames.filter((_, at) => blocks.includes(at)));

const request = () => ({
  ...hand.declaration,
  baseVolumeImageId: base.imageId,
  baseHeaderHash: hashOf(base),
});

async function open(): Promise<Ref> {
  const sessionId = await hand.client.startDirectSession(request());
  return { agentId: hand.declaration.agentId, jobId: hand.declaration.jobId, sessionId };
}

async function openWithBitmap(...blocks: number[]): Promise<Ref> {
  const ref = await open();
  await hand.client.sendScid({ ...ref, baseScid: scid(base), scid: scid(hand) });
  await hand.client.sendBitmap(ref, marked(...blocks));
  return ref;
}

async function collect(answer: Promise<AsyncIterable<Uint8Array>>): Promise<number[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await answer) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  return Array.from({ length: bytes.length * 8 }, (_, at) => at).filter(
    (at) => (bytes[at >> 3] ?? 0) & (1 << (at & 7)),
  );
}

const here = (ref: Ref) => collect(getTransferredBlocks(cores.peerCtx, { sessionId: ref.sessionId }));
const hereByVolume = (change: object = {}) =>
  collect(
    getTransferredBlocksOfImage(cores.peerCtx, {
      agentId: cores.ids.agentId,
      volumeDriverId: cores.ids.volumeIds.disk ?? "",
      epochNumber: hand.declaration.epochNumber,
      ...change,
    }),
  );
const all = Array.from({ length: BLOCKS }, (_, at) => at);
const unchanged = all.filter((at) => !CHANGED.includes(at));

/** No manifest, no keys and no bitmap of the image are left. */
async function expectNothingLeft(): Promise<void> {
  const { prisma } = cores.target.db;
  expect(await prisma.imageSessionKeys.count()).toBe(0);
  expect(await prisma.imageSession.count({ where: { changedBlocks: { not: null } } })).toBe(0);
  expect(await cores.targetPoints()).toEqual([base.pointId]);
  const { storage } = await cores.target.storage;
  const keys: string[] = [];
  for await (const { key } of storage.list("t/")) keys.push(key);
  expect(keys.filter((key) => key.includes(hand.imageId))).toEqual([]);
}

describe("a direct session", () => {
  it("makes the image from the base and the changed records", async () => {
    const ref = await openWithBitmap(...CHANGED);
    const missing = await hand.client.negotiateDirect({ ...ref, start: 0 }, keysOf(...CHANGED));
    expect(missing.equals(keysOf(...CHANGED))).toBe(true);
    await hand.client.transfer({ ...ref, start: 0 }, framesOf(...CHANGED));
    await hand.client.end({ ...ref, commit: true });
    expect(await cores.targetPoints()).toEqual([base.pointId, hand.pointId]);
    expect(await cores.target.db.prisma.imageSession.count({ where: { changedBlocks: { not: null } } })).toBe(0);
    // The new image stands by itself.
    await deleteRecoveryPoint(cores.target.ctx, { id: base.pointId });
    const next = Buffer.from(disk);
    for (const at of CHANGED) noise(`changed ${at}`, RECORD).copy(next, at * RECORD);
    await cores.expectOnTarget(hand.pointId, { disk: next });
  });

  it("may have every call repeated, also at once", async () => {
    const refs = await Promise.all([open(), open(), open()]);
    expect(new Set(refs.map(({ sessionId }) => sessionId)).size).toBe(1);
    const [ref] = refs;
    if (!ref) throw new Error("no session");
    const twice = <T>(call: () => Promise<T>) => Promise.all([call(), call()]);
    await twice(() => hand.client.sendScid({ ...ref, baseScid: scid(base), scid: scid(hand) }));
    await twice(() => hand.client.sendBitmap(ref, marked(...CHANGED)));
    await twice(() => hand.client.negotiateDirect({ ...ref, start: 0 }, keysOf(...CHANGED)));
    await twice(() => hand.client.transfer({ ...ref, start: 0 }, framesOf(...CHANGED)));
    await twice(() => hand.client.end({ ...ref, commit: true }));
    expect(await open()).toEqual(ref);
    expect(await hand.client.poke(ref)).toBe("Committed");
    expect(await cores.targetPoints()).toEqual([base.pointId, hand.pointId]);
  });

  it("knows no base of another volume, of another digest, of another core, or that is gone", async () => {
    const start = (change: object) => hand.client.startDirectSession({ ...request(), ...change });
    const noBase = { code: "conflict", options: { detail: "base" } };
    await expect(start({ baseHeaderHash: hashOf(hand) })).rejects.toMatchObject(noBase);
    await expect(start({ baseVolumeImageId: randomUUID() })).rejects.toMatchObject(noBase);
    const other = await cores.target.db.prisma.agent.create({
      data: { name: "other", hostName: "o", tenantId: cores.target.tenantId, repositoryId: cores.target.repositoryId },
    });
    await cores.target.db.prisma.recoveryPoint.update({ where: { id: base.pointId }, data: { agentId: other.id } });
    await expect(start({})).rejects.toMatchObject(noBase);
    await cores.target.db.prisma.recoveryPoint.update({
      where: { id: base.pointId },
      data: { agentId: cores.ids.agentId },
    });
    await deleteRecoveryPoint(cores.target.ctx, { id: base.pointId });
    await expect(start({})).rejects.toMatchObject(noBase);
  });

  it.each([
    ["base", () => ({ baseScid: scid(base) + 1, scid: scid(hand) })],
    ["image", () => ({ baseScid: scid(base), scid: scid(base) })],
  ])("is dropped with everything when the snapshot id of the %s is wrong", async (_name, ids) => {
    const ref = await open();
    await expect(hand.client.sendScid({ ...ref, ...ids() })).rejects.toMatchObject({ code: "conflict" });
    await expect(hand.client.sendBitmap(ref, marked(...CHANGED))).rejects.toMatchObject({ code: "conflict" });
    await expectNothingLeft();
  });

  it("takes a bitmap of the declared size only, once, after the snapshot ids", async () => {
    const ref = await open();
    const send = (bitmap: Buffer) => hand.client.sendBitmap(ref, bitmap);
    await expect(send(marked(...CHANGED))).rejects.toMatchObject({ code: "conflict" });
    await expect(hand.client.negotiateDirect({ ...ref, start: 0 }, keysOf(2))).rejects.toMatchObject({
      code: "conflict",
    });
    await expect(hand.client.startEnding({ ...ref, commit: true })).rejects.toMatchObject({ code: "conflict" });
    await hand.client.sendScid({ ...ref, baseScid: scid(base), scid: scid(hand) });
    await expect(send(Buffer.alloc(2))).rejects.toMatchObject({ code: "invalid_input" });
    await expect(send(Buffer.alloc(4))).rejects.toMatchObject({ code: "too_large" });
    await expect(send(Buffer.from([0, 0, 0x10]))).rejects.toMatchObject({ code: "invalid_input" });
    await send(marked(...CHANGED));
    await send(marked(...CHANGED));
    await expect(send(marked(1))).rejects.toMatchObject({ code: "conflict" });
  });

  it("takes the keys of the marked blocks and no more", async () => {
    const ref = await openWithBitmap(...CHANGED);
    const { client } = hand;
    await expect(client.negotiate({ ...ref, start: 0 }, keysOf(2))).rejects.toMatchObject({ code: "conflict" });
    await expect(client.negotiateDirect({ ...ref, start: 0 }, keysOf(1, 2, 3))).rejects.toMatchObject({
      code: "invalid_input",
    });
    await expect(client.negotiateDirect({ ...ref, start: 1 }, keysOf(2))).rejects.toMatchObject({
      code: "invalid_input",
    });
    await client.negotiateDirect({ ...ref, start: 0 }, keysOf(2));
    await expect(client.startEnding({ ...ref, commit: true })).rejects.toMatchObject({ code: "invalid_input" });
    await expect(client.transfer({ ...ref, start: 0 }, framesOf(19))).rejects.toMatchObject({ code: "invalid_input" });
    const negotiated = { ...ref, sessionId: await client.startImageSession(hand.declaration) };
    await expect(client.negotiateDirect({ ...negotiated, start: 0 }, keysOf(2))).rejects.toMatchObject({
      code: "conflict",
    });
    await expect(client.negotiateDirect({ ...ref, start: 1 }, keysOf(19))).rejects.toMatchObject({ code: "conflict" });
  });

  it("refuses an image whose blocks do not make what was declared, and keeps nothing of it", async () => {
    // Block 19 changed too, but is not marked.
    const ref = await openWithBitmap(2);
    await hand.client.negotiateDirect({ ...ref, start: 0 }, keysOf(2));
    await hand.client.transfer({ ...ref, start: 0 }, framesOf(2));
    await expect(hand.client.end({ ...ref, commit: true })).rejects.toMatchObject({ code: "integrity" });
    await hand.client.startEnding({ ...ref, commit: false });
    await expectNothingLeft();
  });

  it("refuses an image whose changed records never came, and takes them afterwards", async () => {
    const ref = await openWithBitmap(...CHANGED);
    await hand.client.negotiateDirect({ ...ref, start: 0 }, keysOf(...CHANGED));
    await hand.client.transfer({ ...ref, start: 0 }, framesOf(2));
    await expect(hand.client.end({ ...ref, commit: true })).rejects.toMatchObject({ code: "integrity" });
    expect(await cores.targetPoints()).toEqual([base.pointId]);
    const again = await openWithBitmap(...CHANGED);
    const missing = await hand.client.negotiateDirect({ ...again, start: 0 }, keysOf(...CHANGED));
    expect(missing.equals(keysOf(19))).toBe(true);
    await hand.client.transfer({ ...again, start: 0 }, framesOf(19));
    await hand.client.end({ ...again, commit: true });
    expect(await cores.targetPoints()).toEqual([base.pointId, hand.pointId]);
  });

  it("looks at every record when the base was removed before the commit, and lists no point that lacks one", async () => {
    const ref = await openWithBitmap(...CHANGED);
    await hand.client.negotiateDirect({ ...ref, start: 0 }, keysOf(...CHANGED));
    await hand.client.transfer({ ...ref, start: 0 }, framesOf(...CHANGED));
    const where = { id: base.pointId };
    await cores.target.db.prisma.recoveryPoint.delete({ where });
    const lost = new Uint8Array(hand.keys[5]?.digest ?? []);
    await cores.target.db.prisma.record.deleteMany({ where: { digest: lost } });
    await expect(hand.client.end({ ...ref, commit: true })).rejects.toMatchObject({ code: "integrity" });
    expect(await cores.targetPoints()).toEqual([]);
  });

  it("is nobody else's", async () => {
    const ref = await openWithBitmap(...CHANGED);
    const stranger = inProcessTarget(cores.target.as({ kind: "peer", pairingId: randomUUID(), name: "stranger" }), {
      signal: new AbortController().signal,
    });
    const nothing = { code: "not_found" };
    await expect(stranger.startDirectSession(request())).rejects.toMatchObject(nothing);
    await expect(stranger.sendScid({ ...ref, baseScid: 1, scid: 1 })).rejects.toMatchObject(nothing);
    await expect(stranger.sendBitmap(ref, marked())).rejects.toMatchObject(nothing);
    await expect(stranger.negotiateDirect({ ...ref, start: 0 }, keysOf(2))).rejects.toMatchObject(nothing);
    const other = cores.target.as({ kind: "peer", pairingId: randomUUID(), name: "stranger" });
    await expect(describeConnection(other, ref)).rejects.toMatchObject(nothing);
    await expect(describeSnapshot(other, ref)).rejects.toMatchObject(nothing);
    const image = {
      agentId: cores.ids.agentId,
      volumeDriverId: cores.ids.volumeIds.disk ?? "",
      epochNumber: hand.declaration.epochNumber,
    };
    await expect(getTransferredBlocksOfImage(other, image)).rejects.toMatchObject(nothing);
  });

  it("refuses a full quota before anything is taken", async () => {
    await setAgentQuota(cores.target.db, cores.ids.agentId, 1n);
    await expect(open()).rejects.toMatchObject({ code: "storage_full", options: { detail: "quota" } });
  });
});

describe("what a session is told of the target", () => {
  it("is the snapshot as it is: the base before the commit, the image behind it, and no path", async () => {
    const ref = await openWithBitmap(...CHANGED);
    const before = await describeSnapshot(cores.peerCtx, ref);
    expect(before).toMatchObject({
      fullPath: `volume-images/${base.imageId}`,
      openInfo: { scid: scid(base), rollbackImageScid: scid(base), partial: true, size: SIZE },
    });
    await hand.client.negotiateDirect({ ...ref, start: 0 }, keysOf(...CHANGED));
    await hand.client.transfer({ ...ref, start: 0 }, framesOf(...CHANGED));
    await hand.client.end({ ...ref, commit: true });
    expect(await describeSnapshot(cores.peerCtx, ref)).toMatchObject({
      fullPath: `volume-images/${hand.imageId}`,
      openInfo: { scid: scid(hand), partial: false, size: SIZE, volumeId: cores.ids.volumeIds.disk },
    });
  });

  it("of a session that is no direct one, nothing before its commit", async () => {
    const ref = await hand.open();
    expect((await describeSnapshot(cores.peerCtx, ref)).openInfo).toMatchObject({ scid: 0, size: 0, partial: true });
  });

  it("are sizes and ids, never an address", async () => {
    const ref = await open();
    const connection = await describeConnection(cores.peerCtx, ref);
    expect(connection).toMatchObject({ sessionId: ref.sessionId, repositoryId: cores.target.repositoryId });
    expect(JSON.stringify(connection)).not.toContain("/");
  });
});

describe("the bitmap of transferred blocks", () => {
  it("is true at each moment of a direct session, by session and by volume and epoch", async () => {
    const both = async (ref: Ref) => {
      const bits = await here(ref);
      expect(await hereByVolume()).toEqual(bits);
      return bits;
    };
    const ref = await open();
    expect(await both(ref)).toEqual([]);
    await hand.client.sendScid({ ...ref, baseScid: scid(base), scid: scid(hand) });
    await hand.client.sendBitmap(ref, marked(...CHANGED));
    expect(await both(ref)).toEqual(unchanged);
    await hand.client.negotiateDirect({ ...ref, start: 0 }, keysOf(...CHANGED));
    expect(await both(ref)).toEqual(unchanged);
    await hand.client.transfer({ ...ref, start: 0 }, framesOf(19));
    expect(await both(ref)).toEqual(all.filter((at) => at !== 2));
    await hand.client.transfer({ ...ref, start: 0 }, framesOf(2));
    expect(await both(ref)).toEqual(all);
    await hand.client.end({ ...ref, commit: true });
    expect(await both(ref)).toEqual(all);
  });

  it("does not claim records of a committed image that the index has lost", async () => {
    const ref = await openWithBitmap(...CHANGED);
    await hand.client.negotiateDirect({ ...ref, start: 0 }, keysOf(...CHANGED));
    await hand.client.transfer({ ...ref, start: 0 }, framesOf(...CHANGED));
    await hand.client.end({ ...ref, commit: true });
    const lost = new Uint8Array(hand.keys[5]?.digest ?? []);
    await cores.target.db.prisma.record.deleteMany({ where: { digest: lost } });
    expect(await here(ref)).toEqual(all.filter((at) => at !== 5));
    expect(await hereByVolume()).toEqual(all.filter((at) => at !== 5));
  });

  it("of a negotiated session covers the keys offered so far", async () => {
    const ref = await hand.open();
    expect(await hereByVolume()).toEqual([]);
    await hand.client.negotiate({ ...ref, start: 0 }, keysOf(0, 1, 2));
    expect(await hereByVolume()).toEqual([0, 1]);
  });

  it("of an epoch or volume that is neither here nor coming is not found", async () => {
    await expect(hereByVolume({ epochNumber: 99 })).rejects.toMatchObject({ code: "not_found" });
    await expect(hereByVolume({ volumeDriverId: randomUUID() })).rejects.toMatchObject({ code: "not_found" });
    await expect(hereByVolume({ agentId: randomUUID() })).rejects.toMatchObject({ code: "not_found" });
    await expect(hereByVolume()).rejects.toMatchObject({ code: "not_found" });
    const ref = await open();
    await hand.client.startEnding({ ...ref, commit: false });
    await expect(hereByVolume()).rejects.toMatchObject({ code: "not_found" });
  });
});

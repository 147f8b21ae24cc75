import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { discardManifest, openManifest } from "@/lib/engine/manifests";
import { manifestKey } from "@/lib/engine/manifests/format";
import { holeKey } from "@/lib/engine/records/key";
import { type CommitRecoveryPointInput, commitInto, commitRecoveryPoint } from "@/lib/engine/recovery-points/commit";
import { documentKey, readDocument } from "@/lib/engine/recovery-points/document";
import { digestOf, errorCode, faulty, manifestOf, noise, pointOf, Store } from "../records/store";

let store: Store;
beforeAll(async () => {
  store = await Store.start();
});
const records = (name: string) => Array.from({ length: 5 }, (_, i) => noise(`${name} ${i}`, 5000));
const commit = (input: CommitRecoveryPointInput) => commitRecoveryPoint(store.ctx, input);
const points = (id: string) => store.ctx.db.prisma.recoveryPoint.count({ where: { id } });
const withImage = (input: CommitRecoveryPointInput, change: Partial<CommitRecoveryPointInput["images"][0]>) => ({
  ...input,
  images: input.images.map((image) => ({ ...image, ...change })),
});

describe("committing a recovery point", () => {
  it("lists it with its images, tells its repository, and is heard as an event", async () => {
    const domain = await store.domain();
    const input = await store.prepared(domain, records("one"), {
      skippedCount: 1,
      skipped: [{ path: "/x", reason: "gone" }],
    });
    await commit(input);
    const row = await store.ctx.db.prisma.recoveryPoint.findUniqueOrThrow({
      where: { id: input.id },
      include: { images: true },
    });
    expect(row).toMatchObject({
      agentId: input.agentId,
      repositoryId: store.repositoryId,
      sequence: 1n,
      logicalBytes: 25_000n,
      skippedCount: 1,
    });
    expect(row.images).toHaveLength(1);
    expect(Buffer.from(row.images[0]?.manifestDigest ?? []).equals(input.images[0]?.manifestDigest as Buffer)).toBe(
      true,
    );
    const document = await readDocument(domain, input.agentId, input.id);
    expect(document).toMatchObject({
      id: input.id,
      sequence: "1",
      tenant: { id: domain.tenantId },
      agent: { name: "machine" },
    });
    expect(document.images[0]).toMatchObject({
      id: row.images[0]?.id,
      volumeName: "disk",
      volumeKind: "image",
      recordCount: 5,
    });
    expect(await store.ctx.db.prisma.event.count({ where: { kind: "recovery-point", subject: input.id } })).toBe(1);
  });

  it("may be repeated, also at the same time", async () => {
    const input = await store.prepared(await store.domain(), records("again"));
    await Promise.all([commit(input), commit(input), commit(input)]);
    await commit(input);
    expect(await points(input.id)).toBe(1);
    expect(await store.ctx.db.prisma.event.count({ where: { subject: input.id } })).toBe(1);
  });

  it("is refused while any record is missing, has another length, or lies with another tenant", async () => {
    const [domain, other] = [await store.domain(), await store.domain()];
    const all = records("missing");
    const keys = await store.write(domain, all);
    await store.write(other, [noise("elsewhere", 5000)]);
    const agent = await store.agent(domain);
    const elsewhere = { digest: digestOf(noise("elsewhere", 5000)), rawLength: 5000, aux: 0n };
    for (const bad of [elsewhere, { ...(keys[0] as (typeof keys)[0]), rawLength: 4999 }]) {
      const input = pointOf(domain, agent, await manifestOf(domain, [...keys, bad]), all);
      expect(await errorCode(commit(input))).toBe("integrity");
      expect(await points(input.id)).toBe(0);
      expect(await domain.storage.size(documentKey(domain.prefix, agent.agentId, input.id))).toBeNull();
    }
    const whole = pointOf(domain, agent, await manifestOf(domain, [...keys, holeKey(5000)]), all);
    await commit(whole);
    expect(await points(whole.id)).toBe(1);
  });

  it("is refused when a manifest is missing, damaged, or not the one declared", async () => {
    const domain = await store.domain();
    const input = await store.prepared(domain, records("manifest"));
    const [image] = input.images;
    if (!image) throw new Error("no image");
    expect(await errorCode(commit(withImage(input, { id: randomUUID() })))).toBe("not_found");
    expect(await errorCode(commit(withImage(input, { manifestDigest: digestOf(Buffer.from("?")) })))).toBe("integrity");
    expect(await errorCode(commit(withImage(input, { recordCount: 4 })))).toBe("integrity");
    const key = manifestKey(domain.prefix, image.id);
    const whole = await domain.storage.read(key, 0, (await domain.storage.size(key)) ?? 0);
    const damaged = Buffer.from(whole);
    damaged[50] = (damaged[50] ?? 0) ^ 1;
    await domain.storage.put(key, damaged);
    expect(await errorCode(commit(input))).toBe("integrity");
    await domain.storage.put(key, whole);
    await commit(input);
  });

  it("does not take the id, the sequence or the image of another point", async () => {
    const domain = await store.domain();
    const first = await store.prepared(domain, records("first"));
    await commit(first);
    const second = await store.prepared(domain, records("second"));
    expect(await errorCode(commit({ ...second, id: first.id }))).toBe("conflict");
    expect(await errorCode(commit({ ...second, agentId: first.agentId }))).toBe("conflict");
    expect(await errorCode(commit({ ...first, id: randomUUID(), sequence: 2 }))).toBe("conflict");
    expect(await errorCode(commit({ ...second, agentId: randomUUID() }))).toBe("not_found");
    expect(await points(second.id)).toBe(0);
  });

  it("writes the document before the rows: without it there is no point", async () => {
    const domain = await store.domain();
    const input = await store.prepared(domain, records("order"));
    const broken = faulty(domain.storage, (call) => {
      if (call === "put") throw new Error("no document today");
    });
    await expect(commitInto(store.ctx, { ...domain, storage: broken }, input)).rejects.toThrow("no document today");
    expect(await points(input.id)).toBe(0);
    await commit(input);
    expect(await points(input.id)).toBe(1);
  });

  it("checks an image of many thousand records", async () => {
    const domain = await store.domain();
    const keys = await store.write(domain, records("many"));
    const many = Array.from({ length: 30_000 }, (_, i) => keys[i % 5] as (typeof keys)[0]);
    const agent = await store.agent(domain);
    await commit(pointOf(domain, agent, await manifestOf(domain, many), []));
    const bad = many.with(29_000, { digest: digestOf(Buffer.from("bad")), rawLength: 7, aux: 0n });
    const input = { ...pointOf(domain, agent, await manifestOf(domain, bad), []), sequence: 2 };
    await expect(commit(input)).rejects.toThrow(/^1 records/);
  });
});

describe("a recovery-point document", () => {
  it("is refused when any byte of it is changed", async () => {
    const domain = await store.domain();
    const input = await store.prepared(domain, records("document"));
    await commit(input);
    const key = documentKey(domain.prefix, input.agentId, input.id);
    const whole = await domain.storage.read(key, 0, (await domain.storage.size(key)) ?? 0);
    for (let at = 0; at < whole.length - 1; at++) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      await domain.storage.put(key, damaged);
      expect(await errorCode(readDocument(domain, input.agentId, input.id))).toBe("integrity");
    }
    await domain.storage.put(key, whole);
    expect((await readDocument(domain, input.agentId, input.id)).id).toBe(input.id);
    expect(await errorCode(readDocument(domain, input.agentId, randomUUID()))).toBe("not_found");
  });
});

describe("discarding a manifest", () => {
  it("removes one that no point refers to, and refuses one that a point needs", async () => {
    const domain = await store.domain();
    const input = await store.prepared(domain, records("discard"));
    const imageId = input.images[0]?.id ?? "";
    await discardManifest(store.ctx, domain, imageId);
    expect(await errorCode(openManifest(domain, imageId))).toBe("not_found");
    expect(await errorCode(commit(input))).toBe("not_found");
    const kept = await store.prepared(domain, records("kept"));
    await commit(kept);
    expect(await errorCode(discardManifest(store.ctx, domain, kept.images[0]?.id ?? ""))).toBe("conflict");
    expect((await openManifest(domain, kept.images[0]?.id ?? "")).recordCount).toBe(5);
  });
});

import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { commitRecoveryPoint } from "@/lib/engine/recovery-points/commit";
import {
  createRepository,
  ensureDomain,
  getRepository,
  listRepositories,
  measureRepositories,
  openRepository,
  RepositoryDetail,
  RepositoryPage,
} from "@/lib/engine/repositories";
import { testDatabase } from "../../support/database";
import { engineContext, errorCode, noise, packsOf, Store } from "../records/store";

let store: Store;
beforeAll(async () => {
  store = await Store.start();
});
const at = (...parts: string[]) => path.join(store.folder, ...parts);
const create = (name: string, folder: string) => createRepository(store.ctx, { name, path: folder });

describe("creating a repository", () => {
  it("makes the folder, says in it who it is, and writes who did it", async () => {
    const made = await create("fresh", at("deep/er/fresh"));
    expect(made).toMatchObject({
      name: "fresh",
      path: at("deep/er/fresh"),
      storedBytes: 0,
      recoveryPoints: 0,
      dedupFactor: null,
      reachable: true,
    });
    expect(statSync(made.path).mode & 0o777).toBe(0o700);
    expect(JSON.parse(readFileSync(path.join(made.path, "twincore-repository.json"), "utf8"))).toMatchObject({
      format: "twincore-repository",
      version: 1,
      id: made.id,
    });
    const { db } = store.ctx;
    expect(await db.prisma.auditEntry.count({ where: { action: "repository.create", subject: made.id } })).toBe(1);
    expect(await db.prisma.event.count({ where: { kind: "repository", subject: made.id } })).toBe(1);
  });

  it("takes an empty folder that exists, and no other", async () => {
    mkdirSync(at("empty"));
    await create("empty", at("empty"));
    mkdirSync(at("foreign"));
    writeFileSync(at("foreign/file"), "mine");
    expect(await errorCode(create("foreign", at("foreign")))).toBe("conflict");
    expect(readdirSync(at("foreign"))).toEqual(["file"]);
    writeFileSync(at("a-file"), "");
    expect(await errorCode(create("file", at("a-file")))).toBe("invalid_input");
    expect(await errorCode(create("below", at("a-file/below")))).toBe("invalid_input");
    expect(await errorCode(create("relative", "some/where"))).toBe("invalid_input");
  });

  it("refuses a name, a folder, or a place inside another repository that is taken, and leaves no trace of it", async () => {
    await create("taken", at("taken"));
    expect(await errorCode(create("taken", at("other")))).toBe("conflict");
    expect(readdirSync(store.folder)).not.toContain("other");
    expect(await errorCode(create("second", at("taken")))).toBe("conflict");
    expect(await errorCode(create("inside", at("taken/inside")))).toBe("conflict");
    expect(await errorCode(create("around", store.folder))).toBe("conflict");
    symlinkSync(at("taken"), at("way-in"));
    expect(await errorCode(create("linked", at("way-in")))).toBe("conflict");
  });

  it("by two at once in one folder succeeds once", async () => {
    const results = await Promise.all([
      errorCode(create("racer-1", at("race"))),
      errorCode(create("racer-2", at("race"))),
    ]);
    expect(results.filter((result) => result === "no error")).toHaveLength(1);
    const winner = (await listRepositories(store.ctx, { limit: 100 })).items.find((one) =>
      one.name.startsWith("racer"),
    );
    await expect(openRepository(store.ctx, winner?.id ?? "")).resolves.toMatchObject({ id: winner?.id });
  });

  it("does not take over a folder that another core uses", async () => {
    const other = engineContext(await testDatabase());
    await createRepository(other, { name: "theirs", path: at("theirs") });
    await expect(create("mine", at("theirs"))).rejects.toThrow(/is a repository already/);
  });
});

describe("opening a repository", () => {
  it("is refused when its folder is gone or holds another one, and works again without a restart", async () => {
    const { id } = await create("moving", at("moving"));
    renameSync(at("moving"), at("moved"));
    expect(await errorCode(openRepository(store.ctx, id))).toBe("unavailable");
    const summary = await getRepository(store.ctx, { id });
    expect(summary).toMatchObject({ reachable: false, freeBytes: 0 });
    mkdirSync(at("moving"));
    writeFileSync(at("moving/twincore-repository.json"), readFileSync(at("taken/twincore-repository.json")));
    expect(await errorCode(openRepository(store.ctx, id))).toBe("unavailable");
    renameSync(at("moving"), at("not-it"));
    renameSync(at("moved"), at("moving"));
    await expect(openRepository(store.ctx, id)).resolves.toMatchObject({ name: "moving" });
    expect(await getRepository(store.ctx, { id })).toMatchObject({ reachable: true });
    expect(await errorCode(openRepository(store.ctx, "00000000-0000-7000-8000-000000000000"))).toBe("not_found");
  });

  it("answers one domain per tenant, however many ask at once", async () => {
    const tenant = await store.ctx.db.prisma.tenant.create({ data: { name: "asked at once" } });
    const ask = () => ensureDomain({ ...store.ctx }, { repositoryId: store.repositoryId, tenantId: tenant.id });
    const ids = (await Promise.all([ask(), ask(), ask()])).map((domain) => domain.id);
    expect(new Set(ids).size).toBe(1);
    expect((await store.domain()).id).not.toBe(ids[0]);
  });
});

describe("the usage of a repository", () => {
  it("is what lies in its packs and what its points stand for", async () => {
    const domain = await store.domain();
    const records = [noise("u1", 100_000), Buffer.alloc(200_000, "text "), noise("u2", 50_000)];
    await commitRecoveryPoint(store.ctx, await store.prepared(domain, records));
    await commitRecoveryPoint(store.ctx, { ...(await store.prepared(domain, records)), sequence: 2 });
    const packs = await packsOf(domain);
    const sizes = await Promise.all(packs.map((key) => domain.storage.size(key)));
    const found = await getRepository(store.ctx, { id: store.repositoryId });
    expect(found.storedBytes).toBe(sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0));
    expect(found).toMatchObject({ logicalBytes: 700_000, recoveryPoints: 2, records: 3, agents: 2 });
    expect(found.dedupFactor).toBeCloseTo(700_000 / found.storedBytes, 1);
    expect(found.freeBytes).toBeGreaterThan(0);
    expect(RepositoryDetail.parse(found)).toEqual(found);
  });

  it("is sampled for every repository, oldest first", async () => {
    await measureRepositories({ ...store.ctx, now: () => new Date("2026-01-02T00:00:00Z") });
    await measureRepositories({ ...store.ctx, now: () => new Date("2026-01-01T00:00:00Z") });
    const { samples, storedBytes } = await getRepository(store.ctx, { id: store.repositoryId });
    expect(samples.map((sample) => sample.at)).toEqual(["2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z"]);
    expect(samples.map((sample) => sample.storedBytes)).toEqual([storedBytes, storedBytes]);
    const count = await store.ctx.db.prisma.repository.count();
    expect(await store.ctx.db.prisma.usageSample.count()).toBe(2 * count);
  });

  it("is listed page by page, each repository once", async () => {
    const names: string[] = [];
    let cursor: string | undefined;
    let total = 0;
    for (let pages = 0; pages < 20; pages++) {
      const page = RepositoryPage.parse(await listRepositories(store.ctx, { limit: 2, cursor }));
      names.push(...page.items.map((one) => one.name));
      total = page.total;
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
    expect(new Set(names).size).toBe(total);
    expect(names).toHaveLength(await store.ctx.db.prisma.repository.count());
  });
});

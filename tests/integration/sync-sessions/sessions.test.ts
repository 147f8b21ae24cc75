import { copyFileSync, cpSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { createRepository, inspectFolder } from "@/lib/engine/repositories";
import {
  getSyncSession,
  listSyncSessions,
  runSync,
  startSync,
  stopSync,
  sweepSyncSessions,
} from "@/lib/engine/sync-sessions";
import { errorCode, noise } from "../records/store";
import { SyncCore, temporaryFolder } from "./sync-core";

const never = new AbortController().signal;
const nobody = "00000000-0000-7000-8000-000000000000";

let core: SyncCore;
let made = 0;
beforeAll(async () => {
  core = await SyncCore.start();
});

/** As if somebody stopped the session just when it enters a phase. */
const STOP_FUNCTION = `
  create function stop_here() returns trigger language plpgsql as $$ begin
    if new.state = 'running' and new.phase::text in (select phase from stop_at) then new.stop_requested_at := now(); end if;
    return new;
  end $$`;

/** A repository with some points, of which another core knows nothing. */
async function filled(points: number) {
  const folder = temporaryFolder();
  const name = `sessions ${++made}`;
  const repositoryId = await core.repository(name, path.join(folder, "repository"));
  const disk = path.join(folder, "disk.img");
  writeFileSync(disk, noise("disk", 100_000));
  const agent = await core.agent(name, repositoryId, [{ kind: "image", name: "disk", path: disk }]);
  const ids: string[] = [];
  for (let i = 0; i < points; i++) {
    writeFileSync(disk, noise(`disk ${i}`, 100_000));
    ids.push((await core.capture(agent.id)).id);
  }
  await core.writeDocuments();
  return { folder: path.join(folder, "repository"), repositoryId, agent, ids };
}

describe("sync sessions", () => {
  it("run one at a time per repository, however many ask at once", async () => {
    const [one, other] = [await filled(0), await filled(0)];
    const ask = () => startSync(core.ctx, { repositoryId: one.repositoryId });
    const started = await Promise.all([ask(), ask(), ask()]);
    expect(new Set(started.map(({ id }) => id)).size).toBe(1);
    const elsewhere = await startSync(core.ctx, { repositoryId: other.repositoryId });
    expect(elsewhere.id).not.toBe(started[0]?.id);
    await core.run(started[0]?.id ?? "");
    expect((await ask()).id).not.toBe(started[0]?.id);
    expect(await errorCode(startSync(core.ctx, { repositoryId: nobody }))).toBe("not_found");
    expect(await errorCode(getSyncSession(core.ctx, { id: nobody }))).toBe("not_found");
    expect(await errorCode(stopSync(core.ctx, { id: nobody }))).toBe("not_found");
  });

  it("are listed newest first, page by page, of one repository or of all", async () => {
    const { repositoryId } = await filled(0);
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.unshift((await core.synced(repositoryId)).id);
    const first = await listSyncSessions(core.ctx, { repositoryId, limit: 3 });
    const rest = await listSyncSessions(core.ctx, { repositoryId, limit: 3, cursor: first.nextCursor ?? "" });
    expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(ids);
    expect(first.total).toBe(5);
    expect(rest.nextCursor).toBeNull();
    expect((await listSyncSessions(core.ctx, { limit: 100 })).total).toBeGreaterThan(5);
    expect(await errorCode(listSyncSessions(core.ctx, { limit: 3, cursor: "nonsense" }))).toBe("invalid_input");
  });

  it("stop where they are, in whichever phase, and the next one goes on there and counts on", async () => {
    const { folder, repositoryId } = await filled(25);
    const empty = await SyncCore.start();
    await empty.repository("attached", folder, true);
    await empty.db.prisma.$executeRawUnsafe("create table stop_at (phase text)");
    await empty.db.prisma.$executeRawUnsafe(STOP_FUNCTION);
    await empty.db.prisma.$executeRawUnsafe(
      "create trigger stop_here before update on sync_session for each row execute function stop_here()",
    );
    const waiting = await startSync(empty.ctx, { repositoryId });
    expect(await stopSync(empty.ctx, { id: waiting.id })).toMatchObject({ state: "stopped", progressPercent: 0 });
    const percents: number[] = [];
    for (const phase of ["packs", "records", "points", "usage"]) {
      await empty.db.prisma.$executeRaw`insert into stop_at values (${phase})`;
      const session = await empty.sync(repositoryId);
      expect(session).toMatchObject({ state: "stopped", phase, failure: null });
      percents.push(session.progressPercent);
      await empty.db.prisma.$executeRaw`delete from stop_at`;
    }
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
    const ended = await empty.synced(repositoryId);
    // What the sessions before it took over is part of its counts: it is one walk.
    expect(ended).toMatchObject({ packsAdopted: 25, pointsAdopted: 25, problemCount: 0 });
    expect(await empty.db.prisma.recoveryPoint.count()).toBe(25);
    // One that ended well has nothing to go on from, and one that stopped long ago is begun anew.
    expect(await startSync(empty.ctx, { repositoryId })).toMatchObject({ phase: "counting", packsAdopted: 0 });
  });

  it("go on after a worker that was killed in the middle, and two workers exclude each other", async () => {
    const { folder, repositoryId, ids } = await filled(30);
    const empty = await SyncCore.start();
    await empty.repository("attached", folder, true);
    const { id } = await startSync(empty.ctx, { repositoryId });
    // Killed before each of its looks at the clock in turn: nothing is written after that.
    let killed = 0;
    for (let at = 1; ; at++) {
      const worker = new AbortController();
      let looks = 0;
      const dying = {
        ...empty.ctx,
        now: () => {
          if (++looks === at) worker.abort(new Error("killed"));
          return new Date(empty.clockMs);
        },
      };
      const died = await runSync(dying, { syncSessionId: id, signal: worker.signal }).then(
        () => false,
        () => true,
      );
      if (!died) break;
      killed++;
      expect(await getSyncSession(empty.ctx, { id })).toMatchObject({ state: "running" });
    }
    expect(killed).toBeGreaterThan(1);
    expect(await getSyncSession(empty.ctx, { id })).toMatchObject({ state: "succeeded", progressPercent: 100 });
    expect(await empty.db.prisma.recoveryPoint.count({ where: { id: { in: ids } } })).toBe(30);

    const next = await startSync(empty.ctx, { repositoryId });
    const both = await Promise.allSettled(
      [1, 2].map(() => runSync(empty.ctx, { syncSessionId: next.id, signal: never })),
    );
    expect(both.some(({ status }) => status === "fulfilled")).toBe(true);
    expect(await getSyncSession(empty.ctx, { id: next.id })).toMatchObject({ state: "succeeded", pointsAdopted: 0 });
  });

  it("are brought back by the sweep when their job was lost", async () => {
    const { repositoryId } = await filled(0);
    const { id } = await startSync(core.ctx, { repositoryId });
    core.jobs.length = 0;
    core.clockMs = Date.now() + 10 * 60_000;
    await sweepSyncSessions(core.ctx);
    expect(core.jobs).toContainEqual({ name: "sync-repository", payload: { syncSessionId: id } });
    await core.run(id);
    core.jobs.length = 0;
    await sweepSyncSessions(core.ctx);
    expect(core.jobs).not.toContainEqual({ name: "sync-repository", payload: { syncSessionId: id } });
  });

  it("fail in words when the folder is away, and lose nothing", async () => {
    const { folder, repositoryId, ids } = await filled(2);
    renameSync(folder, `${folder} away`);
    expect(await core.sync(repositoryId)).toMatchObject({ state: "failed", failure: { code: "unavailable" } });
    const points = await core.db.prisma.recoveryPoint.findMany({ where: { id: { in: ids } } });
    expect(points.map(({ lostAt }) => lostAt)).toEqual([null, null]);
    renameSync(`${folder} away`, folder);
    expect(await core.synced(repositoryId)).toMatchObject({ packsLost: 0, pointsLost: 0 });
  });
});

describe("attaching a folder", () => {
  it("is offered for what is a repository, and refused for what is none or is known", async () => {
    const { folder, repositoryId } = await filled(1);
    const other = await SyncCore.start();
    const inspect = (at: string) => inspectFolder(other.ctx, { path: at });
    const plain = temporaryFolder();
    expect(await inspect(folder)).toMatchObject({ kind: "repository", repository: { id: repositoryId } });
    expect(await inspect(path.join(plain, "none"))).toMatchObject({ kind: "free", repository: null });
    expect(await inspect("relative")).toMatchObject({ kind: "other" });
    const attach = (name: string, at: string) => createRepository(other.ctx, { name, path: at, attach: true });
    expect(await errorCode(attach("a", plain))).toBe("invalid_input");
    expect(await errorCode(attach("a", path.join(plain, "none")))).toBe("invalid_input");
    writeFileSync(path.join(plain, "twincore-repository.json"), "{}");
    expect(await errorCode(attach("a", plain))).toBe("integrity");
    expect(await inspect(plain)).toMatchObject({ kind: "other" });
    expect(await errorCode(createRepository(other.ctx, { name: "a", path: folder }))).toBe("conflict");
    expect((await attach("a", folder)).id).toBe(repositoryId);
    expect(other.jobs.filter(({ name }) => name === "sync-repository")).toHaveLength(1);
    expect(await errorCode(attach("b", folder))).toBe("conflict");
    expect(await inspect(folder)).toMatchObject({ kind: "used" });
    const copy = temporaryFolder();
    cpSync(folder, path.join(copy, "repository"), { recursive: true });
    expect(await errorCode(attach("b", path.join(copy, "repository")))).toBe("conflict");
  });

  it("brings the agents of another core, apart from this core's own", async () => {
    const { folder, repositoryId, agent, ids } = await filled(2);
    const other = await SyncCore.start();
    const own = await other.repository("own", path.join(temporaryFolder(), "own"));
    await other.agent("mine", own, []);
    await other.repository("moved", folder, true);
    expect(await other.synced(repositoryId)).toMatchObject({ pointsAdopted: 2, problemCount: 0 });
    const names = await other.db.prisma.tenant.findMany({ select: { name: true }, orderBy: { name: "asc" } });
    expect(names.map(({ name }) => name)).toEqual(["Home", "Home (moved)"]);
    expect(await other.db.prisma.agent.findUniqueOrThrow({ where: { id: agent.id } })).toMatchObject({
      pairingId: null,
      leadPairingId: null,
      name: agent.name,
    });
    expect((await other.bytesOf(ids[1] ?? "", "disk")).equals(noise("disk 1", 100_000))).toBe(true);
    // Names of the tenants differ on both cores; neither writes the documents anew for that.
    expect(await core.synced(repositoryId)).toMatchObject({ documentsWritten: 0 });
  });

  it("does not take over what cannot be true, and says which and why", async () => {
    const { folder, repositoryId, ids, agent } = await filled(3);
    const tenantId = (await core.db.prisma.agent.findUniqueOrThrow({ where: { id: agent.id } })).tenantId;
    const home = path.join(folder, "t", tenantId);
    const document = (id: string) => path.join(home, "points", agent.id, `${id}.json`);
    const [first = "", second = "", third = ""] = ids;
    writeFileSync(document(first), readFileSync(document(first), "utf8").replace("sessions", "sessionz"));
    copyFileSync(document(second), document(nobody));
    const image = (await core.db.prisma.volumeImage.findFirstOrThrow({ where: { recoveryPointId: third } })).id;
    rmSync(path.join(home, "manifests", image.slice(-2), `${image}.manifest`));
    const other = await SyncCore.start();
    await other.repository("hostile", folder, true);
    const session = await other.synced(repositoryId);
    expect(session).toMatchObject({ pointsAdopted: 1, problemCount: 3 });
    expect(session.problems.map(({ reason }) => reason).sort()).toEqual([
      expect.stringMatching(/cannot be taken over. The manifest of the volume disk is missing.$/),
      "This document is damaged, or lies where another one belongs.",
      "This document is damaged, or lies where another one belongs.",
    ]);
    expect(await other.db.prisma.recoveryPoint.findMany({ select: { id: true } })).toEqual([{ id: second }]);
  });
});

import { writeFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { watch } from "@/lib/engine/alerts";
import { getRecoveryPoint } from "@/lib/engine/recovery-points";
import { getTask, runTask, startRestore } from "@/lib/engine/tasks";
import { noise } from "../records/store";
import { filesIn, SyncCore, temporaryFolder } from "../sync-sessions/sync-core";

const core = await SyncCore.start();
const folder = temporaryFolder();
const disk = path.join(folder, "disk.img");
writeFileSync(disk, noise("one", 600_000));
const repositoryId = await core.repository("main", path.join(folder, "repository"));
const agent = await core.agent("machine", repositoryId, [{ kind: "image", name: "disk", path: disk }]);
const alerts = () =>
  core.db.prisma.alert.findMany({ where: { kind: "verification-failed" }, orderBy: { raisedAt: "asc" } });
const later = () => {
  core.clockMs += 60_000;
};

it("damage that a restore meets is an alert until every record was read again and was sound", async () => {
  const point = await core.capture(agent.id);
  await core.writeDocuments();
  const [pack = ""] = filesIn(path.join(folder, "repository"), /\.pack$/);
  const { size } = await import("node:fs").then(({ statSync }) => statSync(pack));
  const { open } = await import("node:fs/promises");
  const file = await open(pack, "r+");
  await file.write(Buffer.alloc(16, 0xaa), 0, 16, Math.floor(size / 3));
  await file.close();
  later();
  const { images } = await getRecoveryPoint(core.ctx, { id: point.id });
  const input = { recoveryPointId: point.id, imageId: images[0]?.id ?? "", destination: path.join(folder, "back.img") };
  const { id } = await startRestore(core.ctx, input);
  await runTask(core.ctx, { taskId: id, signal: new AbortController().signal });
  expect(await getTask(core.ctx, { id })).toMatchObject({ state: "failed", failure: { code: "integrity" } });
  expect(await alerts()).toMatchObject([{ severity: "critical", subjectId: repositoryId, clearedAt: null }]);
  await watch(core.ctx);
  expect(await alerts()).toMatchObject([{ clearedAt: null }]);

  // A sync that reads every record finds it, too: still the one alert, with what that sync found.
  later();
  expect((await core.synced(repositoryId, true)).recordsLost).toBeGreaterThan(0);
  later();
  await watch(core.ctx);
  const told = await alerts();
  expect(told).toMatchObject([{ clearedAt: null }]);
  expect(told[0]?.detail).toContain("A sync read every record");
  await watch(core.ctx);
  expect(await alerts()).toHaveLength(1);

  // A plain sync proves nothing; one that reads everything and finds nothing wrong does.
  later();
  await core.synced(repositoryId);
  await watch(core.ctx);
  expect(await alerts()).toMatchObject([{ clearedAt: null }]);
  later();
  await core.synced(repositoryId, true);
  await watch(core.ctx);
  expect((await alerts()).map(({ clearedAt }) => clearedAt !== null)).toEqual([true]);
});

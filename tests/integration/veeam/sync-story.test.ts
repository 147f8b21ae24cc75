import { cpSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { listRecoveryPoints } from "@/lib/engine/recovery-points";
import { noise } from "../records/store";
import { SyncCore, temporaryFolder } from "../sync-sessions/sync-core";
import { VeeamWorld } from "./world";

it("a repository that was copied from another core is added, synchronized and polled to its end, and its recovery points are there", async () => {
  const folder = temporaryFolder();
  const elsewhere = await SyncCore.start();
  const repositoryId = await elsewhere.repository("vault", path.join(folder, "original"));
  const agent = await elsewhere.agent("dumps", repositoryId, []);
  const points = [];
  for (let day = 0; day < 3; day++)
    points.push(await elsewhere.stream(agent.id, "dump", noise(`day ${day}`, 2_000_000)));
  await elsewhere.writeDocuments();
  cpSync(path.join(folder, "original"), path.join(folder, "copy"), { recursive: true });

  const world = await VeeamWorld.start("vbo");
  const added = await world.call("POST", "/v5/BackupRepositories", {
    name: "from elsewhere",
    path: path.join(folder, "copy"),
    description: "",
  });
  expect(added).toMatchObject({ status: 200, body: { id: repositoryId, isOutOfSync: true } });

  const started = await world.call("POST", `/v5/BackupRepositories/${repositoryId}/action`, { sync: null });
  expect(started).toMatchObject({ status: 200, body: { repositoryId, state: "Synchronizing" } });
  const self = started.body._links.self.href.replace("https://core.test:4443", "");
  await world.core.peer.runJobs("sync-repository");
  const ended = await world.call("GET", self);
  expect(ended.body).toMatchObject({ id: started.body.id, state: "None", progressPercent: 100 });
  expect((await world.call("GET", `/v5/BackupRepositories/${repositoryId}`)).body.isOutOfSync).toBe(false);

  const [job] = (await world.call("GET", "/v5/Jobs")).body;
  expect(job).toMatchObject({ id: agent.id, name: "dumps", repositoryId });
  const { items } = await listRecoveryPoints(world.core.peer.ctx(), { agentId: agent.id, limit: 10 });
  expect(items.map(({ id }) => id).sort()).toEqual(points.map(({ id }) => id).sort());

  const again = await world.call("POST", `/v5/BackupRepositories/${repositoryId}/action`, { sync: null });
  expect(again.body.id).not.toBe(started.body.id);
});

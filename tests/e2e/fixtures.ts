import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test as base, type Page } from "@playwright/test";
import { adminContract } from "@/lib/admin/contract";
import type { AgentDetail } from "@/lib/engine/agents/schemas";
import type { RepositorySummary } from "@/lib/engine/repositories/schemas";
import { CoreUnderTest } from "../support/core-under-test";
import { writeDisk } from "../support/disk";
import { makeTree } from "../support/tree";
import { until } from "../support/until";

const DISK_PIECES = 64;

/** What the road runs on: a source with something captured, a target that nobody has set up, and what was captured. */
export interface Road {
  readonly folder: string;
  readonly source: CoreUnderTest;
  readonly target: CoreUnderTest;
  readonly agent: AgentDetail;
  readonly spare: AgentDetail;
  readonly repository: RepositorySummary;
  readonly disk: { path: string; sha256: string };
  readonly tree: string;
  readonly recoveryPointId: string;
}

export const test = base.extend<object, { road: Road }>({
  road: [
    // Playwright reads the fixture's dependencies from this pattern; there are none.
    // biome-ignore lint/correctness/noEmptyPattern: see above.
    async ({}, use) => {
      const road = await buildRoad();
      await use(road);
      await Promise.all([road.source.stop(), road.target.stop()]);
      rmSync(road.folder, { recursive: true, force: true });
    },
    { scope: "worker", timeout: 240_000 },
  ],
});
export { expect } from "@playwright/test";

async function buildRoad(): Promise<Road> {
  const folder = mkdtempSync(path.join(tmpdir(), "twincore-e2e-"));
  const source = await CoreUnderTest.start("source", folder);
  const target = await CoreUnderTest.start("target", folder, { setUp: false });
  const disk = path.join(folder, "disk.img");
  const sha256 = await writeDisk(disk, DISK_PIECES, 1);
  const tree = path.join(folder, "files");
  makeTree(tree);
  const repository = await source.call(adminContract.createRepository, {
    name: "local",
    path: path.join(source.home, "repository"),
  });
  const agent = await source.call(adminContract.createAgent, {
    name: "web-01",
    hostName: "web-01.example",
    repositoryId: repository.id,
    volumes: [
      { kind: "image", name: "disk", path: disk },
      { kind: "folder", name: "files", path: tree },
    ],
  });
  const spare = await source.call(adminContract.createAgent, {
    name: "db-02",
    repositoryId: repository.id,
    volumes: [{ kind: "folder", name: "files", path: tree }],
  });
  const recoveryPointId = await capture(source, agent);
  return { folder, source, target, agent, spare, repository, disk: { path: disk, sha256 }, tree, recoveryPointId };
}

async function capture(core: CoreUnderTest, agent: AgentDetail): Promise<string> {
  const task = await core.call(adminContract.startCapture, { agentId: agent.id });
  const done = await until("the end of the capture", async () => {
    const report = await core.call(adminContract.getTask, { id: task.id });
    if (report.state === "failed") throw new Error(report.failure?.message);
    return report.state === "succeeded" && report;
  });
  return done.recoveryPointId ?? "";
}

/** Brings the target to where the road leads, for tests that look at pages with something on them. Does only what is missing. */
export async function walkTheRoad({ source, target, agent }: Road): Promise<void> {
  const { needsSetUp } = await target.call(adminContract.getCore, {});
  if (needsSetUp) await target.becomeAdministrator();
  const { items } = await target.call(adminContract.listRepositories, {});
  const vault =
    items[0] ??
    (await target.call(adminContract.createRepository, { name: "vault", path: path.join(target.home, "vault") }));
  const agents = await target.call(adminContract.listAgents, {});
  if (agents.items.some((one) => one.id === agent.id)) return;
  await source.call(adminContract.sendPairingRequest, { targetUrl: target.runtime.peerUrl, agentIds: [agent.id] });
  const request = await until("the request", async () => {
    const pending = await target.call(adminContract.listPairings, { state: "pending" });
    return pending.items[0];
  });
  const agentIds = [{ agentId: agent.id, repositoryId: vault.id }];
  await target.call(adminContract.approvePairing, { id: request.id, agents: agentIds });
  await until("a recovery point on the target", async () => {
    const { counts } = await target.call(adminContract.getOverview, {});
    return counts.recoveryPoints > 0;
  });
}

/** Signs in through the form, as a person does, and waits for the page behind it. */
export async function signIn(
  page: Page,
  core: CoreUnderTest,
  to = "/",
  account: { email: string; password: string } = core.account,
): Promise<void> {
  await page.goto(`${core.runtime.webUrl}${to}`);
  await page.waitForURL(/\/sign-in/);
  await page.getByLabel("E-mail address").fill(account.email);
  await page.getByLabel("Password").fill(account.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL((url) => url.pathname !== "/sign-in");
  await page.getByRole("navigation", { name: "Main" }).waitFor();
}

import { randomBytes } from "node:crypto";
import type { Browser, Page } from "@playwright/test";
import { adminContract } from "@/lib/admin/contract";
import type { SessionDetail } from "@/lib/engine/sessions/schemas";
import type { CoreUnderTest } from "../support/core-under-test";
import { until } from "../support/until";
import { expect, type Road, signIn, test, walkTheRoad } from "./fixtures";

// One story: there and back again.
test.describe.configure({ mode: "serial", timeout: 240_000 });

const open = (browser: Browser): Promise<Page> => browser.newPage({ ignoreHTTPSErrors: true });

async function session(core: CoreUnderTest, { agent }: Road): Promise<SessionDetail> {
  const { items } = await core.call(adminContract.listSessions, { agentId: agent.id });
  return core.call(adminContract.getSession, { id: items[0]?.id ?? "" });
}

const settled = (core: CoreUnderTest, road: Road, role: SessionDetail["role"]) =>
  until(
    `${core.name} with the role ${role}`,
    async () => {
      const now = await session(core, road);
      return now.role === role && now.state === "ok" && now.steps.length === 0 && now;
    },
    180_000,
  );

async function pageOf(browser: Browser, core: CoreUnderTest, road: Road): Promise<Page> {
  const page = await open(browser);
  await signIn(page, core, `/sessions/${(await session(core, road)).id}`);
  return page;
}

test("a planned failover and a failback, by the buttons of both cores, lose nothing", async ({ browser, road }) => {
  const { source, target, agent } = road;
  await walkTheRoad(road);
  await settled(source, road, "source");
  await settled(target, road, "destination");

  const here = await pageOf(browser, source, road);
  await here.getByRole("button", { name: "Planned failover…" }).click();
  const dialog = here.getByRole("dialog");
  await expect(dialog).toContainText("Only when that is done do the roles change.");
  await expect(dialog.getByRole("checkbox", { name: /Copy the other way afterwards/ })).toBeChecked();
  await dialog.getByRole("button", { name: "Fail over" }).click();
  await expect(dialog).toBeHidden();
  await expect(here.getByText(`target is current for ${agent.name}; this core follows.`)).toBeVisible({
    timeout: 120_000,
  });
  await settled(target, road, "source");

  // The target takes captures now, and what it captures comes here.
  const note = randomBytes(300_000);
  await target.put(
    `/api/v1/agents/${agent.id}/captures?volume=note`,
    (async function* () {
      yield note;
    })(),
  );
  const there = await pageOf(browser, target, road);
  await expect(there.getByText(`This core is current for ${agent.name}; source follows.`)).toBeVisible();
  const points = async (core: CoreUnderTest) =>
    (await core.call(adminContract.listRecoveryPoints, { agentId: agent.id, limit: 10 })).items.map(({ id }) => id);
  await until("the new point on the source", async () => (await points(source)).length === 2, 180_000);
  expect(await points(source)).toEqual(await points(target));

  await there.getByRole("button", { name: "Fail back…" }).click();
  const back = there.getByRole("dialog");
  await expect(back).toContainText(`source is current for ${agent.name} again`);
  await back.getByRole("button", { name: "Fail back" }).click();
  await expect(back).toBeHidden();
  await settled(source, road, "source");
  await settled(target, road, "destination");
  await expect(here.getByText(`This core is current for ${agent.name}; target follows.`)).toBeVisible();
  expect(await points(source)).toEqual(await points(target));
});

test("a failover test names its copy, and taking over without the source wants the name typed", async ({
  browser,
  road,
}) => {
  const { target, agent } = road;
  await walkTheRoad(road);
  await settled(target, road, "destination");
  const page = await pageOf(browser, target, road);
  await page.getByRole("button", { name: "Test a failover…" }).click();
  const test = page.getByRole("dialog");
  await test.getByLabel(/Taken back by itself/).fill("none");
  await test.getByRole("button", { name: "Start the test" }).click();
  await expect(test.getByText(/A whole number/)).toBeVisible();
  await test.getByLabel(/Taken back by itself/).fill("20");
  await test.getByRole("button", { name: "Start the test" }).click();
  await expect(test).toBeHidden();
  await expect(page.getByRole("link", { name: `${agent.name} (failover test)` })).toBeVisible();
  await page.getByRole("button", { name: "Stop the test…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Stop the test" }).click();
  await expect(page.getByText("A failover test goes on")).toBeHidden();

  await page.getByRole("button", { name: "Take over without it…" }).click();
  const sheet = page.getByRole("dialog");
  await expect(sheet).toContainText("source is not stopped");
  await sheet.getByRole("button", { name: "Take over now" }).click();
  await expect(sheet.getByText("That is not the name.")).toBeVisible();
  await sheet.getByLabel(/to confirm/).fill(agent.name);
  await sheet.getByRole("button", { name: "Take over now" }).click();
  await expect(sheet).toBeHidden();
  await expect(page.getByText(`This core is current for ${agent.name}; source follows.`)).toBeVisible();
  await expect(page.getByText(`${agent.name} has failed over`)).toBeVisible();
});

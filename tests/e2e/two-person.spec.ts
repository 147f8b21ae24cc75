import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test as base, type Page } from "@playwright/test";
import { adminContract } from "@/lib/admin/contract";
import { CoreUnderTest } from "../support/core-under-test";
import { until } from "../support/until";
import { expect, signIn } from "./fixtures";

const test = base.extend<object, { core: CoreUnderTest }>({
  core: [
    // Playwright reads the fixture's dependencies from this pattern; there are none.
    // biome-ignore lint/correctness/noEmptyPattern: see above.
    async ({}, use) => {
      const folder = mkdtempSync(path.join(tmpdir(), "twincore-two-person-"));
      const core = await CoreUnderTest.start("vault", folder);
      await use(core);
      await core.stop();
      rmSync(folder, { recursive: true, force: true });
    },
    { scope: "worker", timeout: 240_000 },
  ],
});

async function capturedPoint(core: CoreUnderTest): Promise<{ id: string; agentName: string }> {
  const files = path.join(core.home, "..", "files");
  mkdirSync(files, { recursive: true });
  writeFileSync(path.join(files, "note"), "a note");
  const where = { name: "local", path: path.join(core.home, "repository") };
  const repository = await core.call(adminContract.createRepository, where);
  const agent = await core.call(adminContract.createAgent, {
    name: "db-01",
    repositoryId: repository.id,
    volumes: [{ kind: "folder", name: "files", path: files }],
  });
  const task = await core.call(adminContract.startCapture, { agentId: agent.id });
  const done = await until("the end of the capture", async () => {
    const report = await core.call(adminContract.getTask, { id: task.id });
    return report.state === "succeeded" && report;
  });
  return { id: done.recoveryPointId ?? "", agentName: agent.name };
}

/** Somebody with another account; the password is that of the first one, for it is known here. */
async function secondAdministrator(core: CoreUnderTest) {
  const email = "second@vault.example";
  await core.rows(
    `insert into account (id, email, name, role, password_hash)
     select gen_random_uuid(), $1, 'Second', 'administrator', password_hash from account limit 1`,
    [email],
  );
  return { email, password: core.account.password };
}

const pointsOf = (core: CoreUnderTest, id: string) => core.rows("select 1 from recovery_point where id = $1", [id]);

async function askForDeletion(page: Page, agentName: string): Promise<void> {
  await page.getByRole("button", { name: "Delete…" }).click();
  const dialog = page.getByRole("dialog", { name: "Delete this recovery point" });
  await dialog.getByRole("textbox").fill(agentName);
  await dialog.getByRole("button", { name: "Delete recovery point" }).click();
}

test("a recovery point is deleted by two people in two browsers, each after proving who they are", async ({
  browser,
  core,
}) => {
  const point = await capturedPoint(core);
  const second = await secondAdministrator(core);
  const asking = await browser.newPage({ ignoreHTTPSErrors: true });
  const agreeing = await browser.newPage({ ignoreHTTPSErrors: true });

  await signIn(asking, core, "/settings");
  await asking.getByRole("checkbox", { name: /Delete recovery points/ }).check();
  await asking.getByRole("button", { name: "Save the rules" }).click();
  await expect(asking.getByText("The protection rules are saved", { exact: true })).toBeVisible();

  // As after an hour: the proof of the sign-in counts no more.
  await core.rows("update sign_in set proven_at = now() - interval '1 hour'");
  await asking.goto(`${core.runtime.webUrl}/recovery-points/${point.id}`);
  await askForDeletion(asking, point.agentName);
  const proof = asking.getByRole("dialog", { name: "Is it you?" });
  await expect(proof.getByLabel("Password")).toBeFocused();
  await proof.getByLabel("Password").fill("not the password");
  await proof.getByRole("button", { name: "It is me" }).click();
  await expect(proof.getByText("The password is wrong.")).toBeVisible();
  await proof.getByLabel("Password").fill(core.account.password);
  await proof.getByRole("button", { name: "It is me" }).click();
  await expect(asking.getByText("It waits for a second person", { exact: true })).toBeVisible();
  expect(await pointsOf(core, point.id)).toHaveLength(1);
  await asking.getByRole("link", { name: "Open the two-person requests" }).click();
  const mine = asking.getByRole("listitem", { name: /Delete the recovery point/ });
  await expect(mine).toContainText("It waits for an administrator or approver with another account.");
  await expect(mine.getByRole("button", { name: "Agree…" })).toHaveCount(0);

  await signIn(agreeing, core, "/two-person", second);
  const theirs = agreeing.getByRole("listitem", { name: /Delete the recovery point/ });
  await expect(theirs).toContainText(core.account.email);
  await theirs.getByRole("button", { name: "Agree…" }).click();
  await agreeing.getByRole("button", { name: "Agree, and have it done" }).click();

  // Both pages move by themselves.
  for (const page of [agreeing, asking])
    await expect(page.getByRole("listitem", { name: /Delete the recovery point/ })).toContainText("Done");
  await expect(asking.getByText("Nothing waits for a second person")).toBeVisible();
  expect(await pointsOf(core, point.id)).toHaveLength(0);
});

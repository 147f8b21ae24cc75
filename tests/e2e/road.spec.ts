import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, mkdirSync } from "node:fs";
import path from "node:path";
import type { Browser, Locator, Page } from "@playwright/test";
import { adminContract } from "@/lib/admin/contract";
import type { AgentDetail } from "@/lib/engine/agents/schemas";
import { compareTrees } from "@/scripts/demo/compare.mjs";
import { expect, type Road, signIn, test } from "./fixtures";

// One story: each step stands on the one before it.
test.describe.configure({ mode: "serial" });

/** Slow enough that a person, or a test, sees the progress move. */
const RATE_CAP_MIB = "12";
const REASON = "We do not know this customer yet. Please call us first.";

async function open(browser: Browser, options: Parameters<Browser["newPage"]>[0] = {}): Promise<Page> {
  return browser.newPage({ ignoreHTTPSErrors: true, ...options });
}

/** Sends a request through the form of the source and gives the code that its screen shows. */
async function ask(page: Page, road: Road, agent: AgentDetail): Promise<string> {
  await page.goto(`${road.source.runtime.webUrl}/pairing/new`);
  await page.getByLabel("Peer address of the other core").fill(road.target.runtime.peerUrl);
  for (const other of [road.agent, road.spare]) {
    const box = page.getByRole("checkbox", { name: other.name });
    await box.setChecked(other.id === agent.id);
  }
  await page.getByLabel("Customer id").fill("ACME-17");
  await page.getByRole("button", { name: "Send the request" }).click();
  return code(page.getByRole("main"));
}

async function code(within: Locator): Promise<string> {
  const shown = within.getByTestId("verification-code");
  await expect(shown).toHaveText(/\S{4}.\S{4}/);
  return (await shown.textContent())?.trim() ?? "";
}

const request = (page: Page) => page.getByRole("article", { name: /Pairing request of source/ });

test("the one-time link of a new core creates its administrator and leads in", async ({ page, road }) => {
  const { target } = road;
  await page.goto(target.setupUrl);
  await page.getByLabel("Your name").fill(target.account.name);
  await page.getByLabel("E-mail address").fill(target.account.email);
  await page.getByLabel("Password", { exact: true }).fill(target.account.password);
  await page.getByLabel("The same password again").fill(`${target.account.password}x`);
  await page.getByRole("button", { name: "Create the administrator" }).click();
  await expect(page.getByText("The two passwords differ.")).toBeVisible();

  await page.getByLabel("The same password again").fill(target.account.password);
  await page.getByRole("button", { name: "Create the administrator" }).click();
  await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();
  await target.signIn();
  await target.call(adminContract.createRepository, { name: "vault", path: path.join(target.home, "vault") });

  const again = await page.context().newPage();
  await again.goto(target.setupUrl);
  await expect(again.getByRole("button", { name: "Create the administrator" })).toBeHidden();
});

test("a wrong password is refused, the right one leads to the page that was asked for", async ({ page, road }) => {
  await page.goto(`${road.target.runtime.webUrl}/pairing`);
  await page.getByLabel("E-mail address").fill(road.target.account.email);
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("main").getByRole("alert").or(page.getByRole("status"))).toBeVisible();
  await page.getByLabel("Password").fill(road.target.account.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/pairing$/);
});

test("a request is announced by a badge, shows the same code on both sides, and a denial is read by the source", async ({
  browser,
  road,
}) => {
  const target = await open(browser);
  const source = await open(browser);
  await signIn(target, road.target);
  await signIn(source, road.source);
  const badge = target.getByRole("navigation", { name: "Main" }).getByText("1 pending pairing requests");
  await expect(badge).toBeHidden();

  const asked = await ask(source, road, road.agent);
  // Nobody has touched the target's page since: the badge came by itself.
  await expect(badge).toBeAttached();
  await target
    .getByRole("link", { name: /Pairing/ })
    .first()
    .click();
  expect(await code(request(target))).toBe(asked);
  await expect(request(target)).toContainText("ACME-17");
  await expect(request(target)).toContainText("web-01");

  await request(target).getByRole("button", { name: /Deny/ }).click();
  const dialog = target.getByRole("dialog");
  await dialog.getByRole("button", { name: "Deny", exact: true }).click();
  await expect(dialog.getByText(/Say why/)).toBeVisible();
  await dialog.getByLabel("Why").fill(REASON);
  await dialog.getByRole("button", { name: "Deny", exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(badge).toBeHidden();
  await expect(source.getByText(REASON)).toBeVisible({ timeout: 60_000 });
});

test("a request is approved with the keyboard alone, and progress moves without a reload", async ({
  browser,
  road,
}) => {
  const target = await open(browser);
  const source = await open(browser);
  await signIn(source, road.source);
  await signIn(target, road.target, "/pairing");
  const asked = await ask(source, road, road.agent);
  await expect(request(target)).toBeVisible();
  expect(await code(request(target))).toBe(asked);

  await tabTo(target, request(target).getByRole("button", { name: /Approve/ }));
  await target.keyboard.press("Enter");
  const sheet = target.getByRole("dialog");
  await expect(sheet).toBeVisible();
  await tabTo(target, sheet.getByRole("button", { name: "Approve", exact: true }));
  await target.keyboard.press("Enter");
  await expect(sheet.getByText(/Compare the code first/)).toBeVisible();
  await tabTo(target, sheet.getByRole("checkbox", { name: "The other side sees the same code" }));
  await target.keyboard.press("Space");
  await tabTo(
    target,
    sheet.getByRole("textbox", { name: /Rate cap/ }).or(sheet.getByRole("spinbutton", { name: /Rate cap/ })),
  );
  await target.keyboard.type(RATE_CAP_MIB);
  await tabTo(target, sheet.getByRole("button", { name: "Approve", exact: true }));
  await target.keyboard.press("Enter");
  await expect(sheet).toBeHidden();

  await target.getByRole("link", { name: "Sessions" }).first().click();
  await target.getByRole("link", { name: "web-01" }).click();
  const loadedAt = await target.evaluate(() => performance.timeOrigin);
  const bar = target.getByRole("progressbar", { name: "Replication of web-01" });
  const seen = new Set<number>();
  await expect(async () => {
    const value = Number(await bar.getAttribute("aria-valuenow"));
    if (value > 0 && value < 100) seen.add(value);
    expect(seen.size, "different shares seen between 0 and 100 %").toBeGreaterThanOrEqual(2);
  }).toPass({ intervals: [200], timeout: 60_000 });
  await expect(target.getByText("Succeeded").first()).toBeVisible({ timeout: 90_000 });
  await expect(bar).toHaveAttribute("aria-valuenow", "100");
  expect(await target.evaluate(() => performance.timeOrigin)).toBe(loadedAt);
  await expect(source.getByText("Paired").first()).toBeVisible();
});

/** Moves the focus by the Tab key until it is there, as a person without a mouse does. */
async function tabTo(page: Page, wanted: Locator): Promise<void> {
  await expect(wanted).toBeVisible();
  for (let presses = 0; presses < 80; presses++) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`the Tab key does not reach ${wanted}`);
}

test("the recovery point is listed on the target, and what the browser downloads is what was captured", async ({
  browser,
  road,
}) => {
  const page = await open(browser);
  await signIn(page, road.target, "/agents");
  await page.getByRole("link", { name: "web-01" }).click();
  await page.getByRole("table", { name: "Recovery points" }).getByRole("link").first().click();
  await expect(page).toHaveURL(new RegExp(road.recoveryPointId));

  const image = await download(page, road, "Download raw image");
  expect(await sha256Of(image)).toBe(road.disk.sha256);

  const tar = await download(page, road, "Download as tar");
  const unpacked = path.join(road.folder, "unpacked");
  mkdirSync(unpacked);
  const result = spawnSync("tar", ["-xpf", tar, "-C", unpacked, "--same-owner"], { encoding: "utf8" });
  expect(result.stderr).toBe("");
  const compared = await compareTrees(road.tree, unpacked);
  expect(compared.differences).toEqual([]);
});

async function download(page: Page, road: Road, link: string): Promise<string> {
  const begins = page.waitForEvent("download");
  await page.getByRole("link", { name: link }).click();
  const file = path.join(road.folder, link.replaceAll(" ", "-"));
  await (await begins).saveAs(file);
  return file;
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

test("an open page follows again after its web process was killed and started anew", async ({ browser, road }) => {
  const target = await open(browser);
  await signIn(target, road.target, "/pairing");
  const live = target.getByRole("status").filter({ hasText: "Live" }).first();
  await expect(live).toBeVisible();
  const loadedAt = await target.evaluate(() => performance.timeOrigin);
  await road.target.revived("web", road.target.kill("web"));
  await expect(live).toBeVisible({ timeout: 60_000 });

  const source = await open(browser);
  await signIn(source, road.source);
  await ask(source, road, road.spare);
  await expect(request(target)).toBeVisible();
  expect(await target.evaluate(() => performance.timeOrigin)).toBe(loadedAt);
});

test("a request is approved on a phone of 390 pixels", async ({ browser, road }) => {
  const page = await open(browser, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await signIn(page, road.target);
  await page
    .getByRole("navigation", { name: "Main" })
    .getByRole("link", { name: /Pairing/ })
    .tap();
  await expect(request(page)).toBeVisible();
  expect(await sidewaysOverflow(page)).toBe(0);
  await request(page)
    .getByRole("button", { name: /Approve/ })
    .tap();
  const sheet = page.getByRole("dialog");
  await sheet.getByRole("checkbox", { name: "The other side sees the same code" }).tap();
  expect(await sidewaysOverflow(page)).toBe(0);
  await sheet.getByRole("button", { name: "Approve", exact: true }).tap();
  await expect(sheet).toBeHidden();
  await expect(request(page)).toBeHidden();
  await page
    .getByRole("navigation", { name: "Main" })
    .getByRole("link", { name: /Sessions/ })
    .tap();
  await expect(page.getByText("db-02").first()).toBeVisible({ timeout: 60_000 });
});

const sidewaysOverflow = (page: Page) =>
  page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth));

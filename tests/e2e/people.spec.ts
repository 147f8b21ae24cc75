import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Browser, test as base, expect, type Page } from "@playwright/test";
import { Secret, TOTP } from "otpauth";
import { adminContract } from "@/lib/admin/contract";
import { CoreUnderTest } from "../support/core-under-test";
import { TestIdentityProvider } from "../support/identity-provider";
import { signIn } from "./fixtures";

interface World {
  readonly core: CoreUnderTest;
  readonly provider: TestIdentityProvider;
}

const test = base.extend<object, { world: World }>({
  world: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's dependencies from this pattern; there are none.
    async ({}, use) => {
      const folder = mkdtempSync(path.join(tmpdir(), "twincore-people-"));
      const provider = await TestIdentityProvider.listen();
      const env = {
        TWINCORE_OIDC_ISSUER: provider.issuer,
        TWINCORE_OIDC_CLIENT_ID: TestIdentityProvider.CLIENT_ID,
        TWINCORE_OIDC_CLIENT_SECRET: TestIdentityProvider.CLIENT_SECRET,
        TWINCORE_OIDC_NAME: "Sign in with Acme",
        TWINCORE_OIDC_ROLE_CLAIM: "groups",
        TWINCORE_OIDC_ROLES: "auditors=reader,backup=engineer",
      };
      const core = await CoreUnderTest.start("people", folder, { env });
      provider.serve(core.runtime.webUrl);
      await use({ core, provider });
      await Promise.all([core.stop(), provider.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
    { scope: "worker", timeout: 120_000 },
  ],
});

// Three browsers and a hash of a password each time, also on a busy machine.
test.describe.configure({ timeout: 240_000 });

const PASSWORD = "quite a long phrase";
const open = (browser: Browser): Promise<Page> => browser.newPage({ ignoreHTTPSErrors: true });

/** An account with a password, made as people make one: invited, and its link opened in another browser. */
async function join(browser: Browser, core: CoreUnderTest, name: string): Promise<{ page: Page; email: string }> {
  const email = `${name.toLowerCase()}@example.com`;
  const { link } = await core.call(adminContract.inviteAccount, { name, email, role: "engineer", tenantIds: null });
  const page = await open(browser);
  await page.goto(`${core.runtime.webUrl}/link#${link.token}`);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByLabel("The same password again").fill(PASSWORD);
  await page.getByRole("button", { name: "Set the password and sign in" }).click();
  await page.getByRole("navigation", { name: "Main" }).waitFor();
  return { page, email };
}

async function fillPassword(page: Page, core: CoreUnderTest, email: string): Promise<void> {
  await page.goto(`${core.runtime.webUrl}/sign-in`);
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

test("an administrator invites somebody and ends their sign-in, and the other browser is signed out without a touch", async ({
  browser,
  world: { core },
}) => {
  const admin = await open(browser);
  await signIn(admin, core, "/people");
  await admin.getByRole("button", { name: "Invite" }).click();
  const dialog = admin.getByRole("dialog");
  await dialog.getByLabel("Name").fill("Olaf");
  await dialog.getByLabel("E-mail address").fill("olaf@example.com");
  await dialog.getByLabel("Role").selectOption("engineer");
  await dialog.getByRole("button", { name: "Make the account and its link" }).click();
  const link = await dialog.getByText("/link#").textContent();
  await dialog.getByRole("button", { name: "Done" }).click();

  const other = await open(browser);
  await other.goto(link ?? "");
  await other.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await other.getByLabel("The same password again").fill(PASSWORD);
  await other.getByRole("button", { name: "Set the password and sign in" }).click();
  await other.getByRole("navigation", { name: "Main" }).waitFor();
  await other.goto(`${core.runtime.webUrl}/agents`);
  await other.getByText("Live", { exact: true }).filter({ visible: true }).first().waitFor();
  const again = await open(browser);
  await again.goto(link ?? "");
  await expect(again.getByRole("alert").filter({ hasText: "was used already" })).toBeVisible();

  await admin.getByRole("link", { name: "Olaf" }).click();
  await admin.getByRole("button", { name: /^End the sign-in of olaf@example.com/ }).click();
  await other.waitForURL(/\/sign-in\?ended=1/);
  await expect(other.getByText("Your sign-in was ended.")).toBeVisible();
  await expect(admin.getByText("Not signed in anywhere")).toBeVisible();
  await other.goto(`${core.runtime.webUrl}/agents`);
  await other.waitForURL(/\/sign-in/);
});

test("a second factor is set up in the browser, asked for at the next sign-in, and a recovery code stands in once", async ({
  browser,
  world: { core },
}) => {
  const { page, email } = await join(browser, core, "Tove");
  await page.goto(`${core.runtime.webUrl}/account`);
  await page.getByRole("button", { name: "Set up" }).click();
  await page.getByLabel("Your password").fill(PASSWORD);
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("img", { name: /QR code/ })).toBeVisible();
  const key = (await page.getByRole("dialog").locator("code").textContent()) ?? "";
  const totp = new TOTP({ secret: Secret.fromBase32(key.replaceAll(" ", "")) });
  await page.getByLabel("Code", { exact: true }).fill(totp.generate());
  await page.getByRole("button", { name: "Switch on" }).click();
  await page.getByRole("button", { name: "I have kept them" }).waitFor();
  const codes = await page.getByRole("dialog").getByRole("listitem").allTextContents();
  expect(codes).toHaveLength(10);
  await page.getByRole("button", { name: "I have kept them" }).click();
  await expect(page.getByText("10 recovery codes left.")).toBeVisible();

  const second = await open(browser);
  await fillPassword(second, core, email);
  await second.getByLabel("Code", { exact: true }).fill("000000");
  await second.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(second.getByRole("alert").filter({ hasText: "This code is wrong" })).toBeVisible();
  // The code of the next half minute: the present one was used to switch it on.
  await second.getByLabel("Code", { exact: true }).fill(totp.generate({ timestamp: Date.now() + 30_000 }));
  await second.getByRole("button", { name: "Sign in", exact: true }).click();
  await second.getByRole("navigation", { name: "Main" }).waitFor();

  for (const isFirst of [true, false]) {
    const third = await open(browser);
    await fillPassword(third, core, email);
    await third.getByRole("button", { name: "Use a recovery code" }).click();
    await third.getByLabel("Recovery code").fill(codes[0] ?? "");
    await third.getByRole("button", { name: "Sign in", exact: true }).click();
    if (isFirst) await third.getByRole("navigation", { name: "Main" }).waitFor();
    else await expect(third.getByRole("alert").filter({ hasText: "This code is wrong" })).toBeVisible();
  }
});

test("who has a role at the identity provider is let in by it, with that role; who has none is told so", async ({
  browser,
  world: { core, provider },
}) => {
  provider.people.set("ines", { email: "ines@acme.example", email_verified: true, name: "Ines", groups: ["backup"] });
  provider.people.set("nemo", { email: "nemo@acme.example", email_verified: true, name: "Nemo", groups: ["sales"] });
  const come = async (login: string) => {
    const page = await open(browser);
    await page.goto(`${core.runtime.webUrl}/sign-in?next=%2Faccount`);
    await page.getByRole("button", { name: "Sign in with Acme" }).click();
    await page.locator("input[name=login]").fill(login);
    await page.locator("input[name=password]").fill("whatever");
    await page.locator("button[type=submit]").click();
    await page.getByRole("button", { name: "Continue" }).click();
    return page;
  };
  const ines = await come("ines");
  await ines.waitForURL(/\/account$/);
  await expect(ines.getByText("Engineer: protects")).toBeVisible();
  await expect(ines.getByText("single sign-on", { exact: true })).toBeVisible();
  const cookies = (await ines.context().cookies(core.runtime.webUrl)).filter(({ name }) => /twincore|auth/.test(name));
  expect(cookies.length).toBeGreaterThan(0);
  expect(cookies.filter(({ name, secure }) => !name.startsWith("__Host-") || !secure)).toEqual([]);

  const nemo = await come("nemo");
  await nemo.waitForURL(/\/sign-in\?refused=no-role/);
  await expect(nemo.getByText("gives you no role that this core knows")).toBeVisible();
  const { items } = await core.call(adminContract.listAccounts, { text: "acme.example" });
  expect(items.map(({ email, role, hasIdentity }) => [email, role, hasIdentity])).toEqual([
    ["ines@acme.example", "engineer", true],
  ]);
});

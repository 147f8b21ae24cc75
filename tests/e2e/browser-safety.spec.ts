import type { Page, Request, Response } from "@playwright/test";
import { adminContract } from "@/lib/admin/contract";
import { expect, type Road, signIn, test, walkTheRoad } from "./fixtures";

/** Each kind of page once, with something on it. */
async function pagesOf({ target }: Road): Promise<string[]> {
  const [agents, sessions, pairings, repositories] = await Promise.all([
    target.call(adminContract.listAgents, {}),
    target.call(adminContract.listSessions, {}),
    target.call(adminContract.listPairings, {}),
    target.call(adminContract.listRepositories, {}),
  ]);
  const first = (page: { items: { id: string }[] }, folder: string) =>
    page.items.slice(0, 1).map(({ id }) => `${folder}/${id}`);
  return [
    ...["/", "/alerts", "/systems", "/sessions", "/pairing", "/pairing/new", "/agents", "/agents/new", "/policies"],
    ...["/repositories", "/seed-drives", "/audit", "/people", "/account", "/tenants", "/two-person", "/usage"],
    ...["/statements", "/reference/native", "/reference/unitrends", "/settings", "/settings/replication"],
    ...first(agents, "/agents"),
    ...first(sessions, "/sessions"),
    ...first(pairings, "/pairing"),
    ...first(repositories, "/repositories"),
  ];
}

/** What a page was told about what it may load. */
function faultsOf(response: Response | null, path: string): string[] {
  const headers = response?.headers() ?? {};
  const policy = headers["content-security-policy"] ?? "";
  const script = /script-src ([^;]*)/.exec(policy)?.[1] ?? "";
  const wrong = [
    !/'nonce-[\w-]{20,}'/.test(script) && "scripts need no nonce",
    /unsafe-inline|unsafe-eval|https?:|\*/.test(script) && `scripts may come from elsewhere: ${script}`,
    !policy.includes("default-src 'self'") && "no default-src",
    !policy.includes("frame-ancestors 'none'") && "may be framed",
    headers["x-content-type-options"] !== "nosniff" && "no nosniff",
    headers["cross-origin-opener-policy"] !== "same-origin" && "no opener policy",
    !headers["permissions-policy"]?.includes("camera=()") && "no permissions policy",
  ];
  return wrong.flatMap((fault) => (fault ? [`${path}: ${fault}`] : []));
}

/** Notes what the page asks for from another host, and what its own policy kept from running. */
function watch(page: Page, host: string): string[] {
  const found: string[] = [];
  page.on("request", (request: Request) => {
    const { protocol, host: asked } = new URL(request.url());
    if (!["data:", "blob:", "about:"].includes(protocol) && asked !== host) found.push(`asked ${request.url()}`);
    if (/[?&](password|token|secret|code)=/i.test(request.url())) found.push(`a secret in ${request.url()}`);
  });
  page.on("console", (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) found.push(`${page.url()}: ${message.text()}`);
  });
  return found;
}

test("no page asks another host for anything, breaks its own policy, or carries a secret in an address", async ({
  page,
  road,
}) => {
  test.setTimeout(240_000);
  await walkTheRoad(road);
  const url = road.target.runtime.webUrl ?? "";
  const found = watch(page, new URL(url).host);
  await signIn(page, road.target);
  const nonces = new Set<string>();
  for (const path of await pagesOf(road)) {
    const response = await page.goto(`${url}${path}`);
    await page.getByRole("heading", { level: 1 }).first().waitFor();
    await page.waitForLoadState("load");
    found.push(...faultsOf(response, path));
    const nonce = /'nonce-([\w-]+)'/.exec(response?.headers()["content-security-policy"] ?? "")?.[1] ?? "";
    if (nonces.has(nonce)) found.push(`${path}: the nonce of another answer`);
    nonces.add(nonce);
  }
  expect(found).toEqual([]);
});

test("an answer of the API may run nothing when it is opened as a page, and is kept nowhere", async ({
  page,
  road,
}) => {
  await walkTheRoad(road);
  await signIn(page, road.target);
  const response = await page.request.get(`${road.target.runtime.webUrl}/api/v1/me`);
  expect(response.headers()).toMatchObject({
    "content-security-policy": expect.stringContaining("default-src 'none'"),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
  });
});

test("a page of another origin cannot follow the events, nor change anything, with the cookie of a person", async ({
  page,
  road,
}) => {
  await walkTheRoad(road);
  await signIn(page, road.target);
  const url = road.target.runtime.webUrl;
  const headers = { origin: "https://evil.example" };
  expect((await page.request.get(`${url}/api/v1/events`, { headers })).status()).toBe(403);
  expect((await page.request.post(`${url}/api/v1/audit/verify`, { headers, data: {} })).status()).toBe(403);
  expect((await page.request.post(`${url}/api/v1/audit/verify`, { headers: { origin: url }, data: {} })).status()).toBe(
    200,
  );
});

test("the audit page shows who did what, verifies the chain, and opens an entry from the address it was searched by", async ({
  page,
  road,
}) => {
  await walkTheRoad(road);
  await signIn(page, road.target);
  await page.goto(`${road.target.runtime.webUrl}/audit?action=pairing.`);
  const rows = page.getByRole("table", { name: "Audit trail" });
  await rows
    .getByRole("button", { name: /approved a pairing/ })
    .first()
    .click();
  const sheet = page.getByRole("dialog");
  await expect(sheet.getByText("pairing.approve", { exact: true })).toBeVisible();
  await expect(sheet.getByText(/^[0-9a-f]{64}$/)).toBeVisible();
  await sheet.getByRole("button", { name: "All about this subject" }).click();
  await expect(page).toHaveURL(/subject=/);
  await page.getByRole("button", { name: "Verify now" }).click();
  await expect(page.getByText(/Verified up to \d+/)).toBeVisible();
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "CSV" }).click();
  expect((await download).suggestedFilename()).toMatch(/^audit-\d{4}-\d\d-\d\d\.csv$/);
});

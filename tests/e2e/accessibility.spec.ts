import { adminContract } from "@/lib/admin/contract";
import { faultsOf } from "./accessibility";
import { expect, type Road, signIn, test, walkTheRoad } from "./fixtures";

const WIDE = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };

/** Every page that an administrator of the target can open, with something on it. */
async function pagesOf({ target }: Road): Promise<string[]> {
  const [agents, sessions, pairings, repositories, tenants] = await Promise.all([
    target.call(adminContract.listAgents, {}),
    target.call(adminContract.listSessions, {}),
    target.call(adminContract.listPairings, {}),
    target.call(adminContract.listRepositories, {}),
    target.call(adminContract.listTenants, {}),
  ]);
  const points = await Promise.all(
    agents.items.slice(0, 1).map((agent) => target.call(adminContract.listRecoveryPoints, { agentId: agent.id })),
  );
  return [
    "/",
    "/alerts",
    "/alerts?tab=channels",
    "/audit",
    "/two-person",
    "/people",
    "/account",
    "/tenants",
    ...tenants.items.slice(0, 1).map((tenant) => `/tenants/${tenant.id}`),
    "/systems",
    "/sessions",
    ...sessions.items.slice(0, 1).map((session) => `/sessions/${session.id}`),
    "/pairing",
    "/pairing/new",
    ...pairings.items.slice(0, 1).map((pairing) => `/pairing/${pairing.id}`),
    "/agents",
    "/agents/new",
    "/policies",
    ...agents.items.slice(0, 1).map((agent) => `/agents/${agent.id}`),
    ...points.flatMap((page) => page.items.slice(0, 1).map((point) => `/recovery-points/${point.id}`)),
    "/repositories",
    ...repositories.items.slice(0, 1).map((repository) => `/repositories/${repository.id}`),
    "/seed-drives",
    "/reference/native",
    "/reference/peer",
    "/reference/unitrends",
    "/settings",
    "/settings/replication",
  ];
}

// The theme changes colours and nothing else: the other rules need to be asked once.
for (const { colorScheme, only } of [
  { colorScheme: "light" as const, only: undefined },
  { colorScheme: "dark" as const, only: ["color-contrast"] },
])
  test(`no page breaks a rule of accessibility in the ${colorScheme} theme, wide or on a phone`, async ({
    browser,
    road,
  }) => {
    test.setTimeout(600_000);
    await walkTheRoad(road);
    // axe opens a page of its own beside ours: that takes a context that allows more than one.
    const context = await browser.newContext({ ignoreHTTPSErrors: true, colorScheme, reducedMotion: "reduce" });
    const page = await context.newPage();
    const found: string[] = [];
    const look = async (path: string) => {
      await page.setViewportSize(WIDE);
      await page.goto(`${road.target.runtime.webUrl}${path}`);
      for (const size of [WIDE, PHONE]) {
        await page.setViewportSize(size);
        await page.getByRole("main").getByRole("heading", { level: 1 }).first().waitFor();
        await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
        found.push(...(await faultsOf(page, path, only)));
      }
    };
    await look("/sign-in");
    await signIn(page, road.target);
    for (const path of await pagesOf(road)) await look(path);
    expect(found).toEqual([]);
    await context.close();
  });

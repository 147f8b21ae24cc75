import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { adminContract } from "@/lib/admin/contract";
import { expect, type Road, signIn, test, walkTheRoad } from "./fixtures";

const WIDE = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };
const TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"];

/** Every page that an administrator of the target can open, with something on it. */
async function pagesOf({ target }: Road): Promise<string[]> {
  const [agents, sessions, pairings, repositories] = await Promise.all([
    target.call(adminContract.listAgents, {}),
    target.call(adminContract.listSessions, {}),
    target.call(adminContract.listPairings, {}),
    target.call(adminContract.listRepositories, {}),
  ]);
  const points = await Promise.all(
    agents.items.slice(0, 1).map((agent) => target.call(adminContract.listRecoveryPoints, { agentId: agent.id })),
  );
  return [
    "/",
    "/alerts",
    "/audit",
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

/** What is wrong with the page as it stands: rules that it breaks, and whether it scrolls sideways. */
async function faultsOf(page: Page, path: string, only?: string[]): Promise<string[]> {
  const builder = new AxeBuilder({ page });
  const { violations } = await (only ? builder.withRules(only) : builder.withTags(TAGS)).analyze();
  const { width } = page.viewportSize() ?? { width: 0 };
  const sideways = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  const elements = (nodes: { html: string }[]) => nodes.slice(0, 3).map(({ html }) => html);
  return [
    ...violations.map(({ id, nodes }) => `${path} at ${width} px: ${id}: ${elements(nodes).join(" · ")}`),
    ...(sideways > 0 ? [`${path} at ${width} px: scrolls sideways by ${sideways} px`] : []),
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
    test.setTimeout(300_000);
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

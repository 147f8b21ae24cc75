// npm run screenshots -- --url https://127.0.0.1:8443 --email … --password …: every page of a running core, in both themes and
// two widths, as PNG files to flip through. The three may also come as TWINCORE_URL, TWINCORE_EMAIL and TWINCORE_PASSWORD.
import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "@playwright/test";
import { BROWSER_FILE, prepareBrowser } from "./lib/browser.mjs";
import { fail, say } from "./lib/say.mjs";

const THEMES = ["light", "dark"];
const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];
/** Taller than this no person looks at; a list shows its first page anyway. */
const HEIGHT_MAX = 6_000;
const WAIT_MS = 20_000;
/** Charts and live figures settle within this. */
const SETTLE_MS = 700;

const settings = readSettings();
await prepareBrowser();
const { executablePath, args, env } = JSON.parse(readFileSync(BROWSER_FILE, "utf8"));
const browser = await chromium.launch({ executablePath, args, env: { ...process.env, ...env } });
try {
  mkdirSync(settings.out, { recursive: true });
  let count = 0;
  for (const theme of THEMES) for (const size of SIZES) count += await takeAll(theme, size);
  say(`${count} pictures in ${path.relative(process.cwd(), settings.out) || "."}`);
} finally {
  await browser.close();
}

function readSettings() {
  const { values } = parseArgs({
    options: {
      url: { type: "string", default: process.env.TWINCORE_URL },
      email: { type: "string", default: process.env.TWINCORE_EMAIL },
      password: { type: "string", default: process.env.TWINCORE_PASSWORD },
      out: { type: "string", default: path.join(import.meta.dirname, "..", "screenshots") },
    },
  });
  for (const name of ["url", "email", "password"])
    if (!values[name])
      fail(`--${name} is missing. Start a core (npm run demo leaves two) and give its --url, --email and --password.`);
  return { ...values, out: path.resolve(values.out) };
}

/** Signs in afresh for each theme and size, as a person with such a screen would. Returns how many pictures it took. */
async function takeAll(theme, size) {
  const phone = size.width < 700;
  const context = await browser.newContext({
    baseURL: settings.url,
    ignoreHTTPSErrors: true,
    viewport: size,
    colorScheme: theme,
    reducedMotion: "reduce",
    isMobile: phone,
    hasTouch: phone,
    locale: "en-GB",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  const take = (name) => picture(page, size, path.join(settings.out, `${name}-${theme}-${size.width}.png`));
  await page.goto("/sign-in");
  await take("sign-in");
  await signIn(page);
  const pages = await pagesOf(page);
  for (const [name, address] of Object.entries(pages)) {
    await page.goto(address);
    await page.getByRole("heading", { level: 1 }).first().waitFor();
    await take(name);
  }
  const sheet = await openApproval(page);
  if (sheet) await take("approval");
  await context.close();
  return Object.keys(pages).length + 1 + Number(sheet);
}

async function signIn(page) {
  await page.getByLabel("E-mail address").fill(settings.email);
  await page.getByLabel("Password").fill(settings.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page
    .getByRole("navigation", { name: "Main" })
    .waitFor()
    .catch(() => fail(`${settings.url} does not take this e-mail address and password.`));
}

/** The pages there are, and of every kind of thing the first one that this core has. */
async function pagesOf(page) {
  const first = async (list) => {
    const answer = await page.request.get(`/api/v1${list}`);
    return answer.ok() ? (await answer.json()).items[0]?.id : undefined;
  };
  const agent = await first("/agents?limit=1");
  const point = agent && (await first(`/agents/${agent}/recovery-points?limit=1`));
  const session = await first("/sessions?limit=1");
  const peer = await first("/pairings?state=established&limit=1");
  const repository = await first("/repositories?limit=1");
  const policy = await first("/policies?limit=1");
  const one = (name, folder, id) => (id ? { [name]: `/${folder}/${id}` } : {});
  return {
    overview: "/",
    alerts: "/alerts",
    systems: "/systems",
    policies: "/policies",
    ...one("policy", "policies", policy),
    sessions: "/sessions",
    ...one("session", "sessions", session),
    pairing: "/pairing",
    "pairing-new": "/pairing/new",
    ...one("peer", "pairing", peer),
    agents: "/agents",
    "agent-new": "/agents/new",
    "seed-drives": "/seed-drives",
    ...one("agent", "agents", agent),
    ...one("recovery-point", "recovery-points", point),
    repositories: "/repositories",
    ...one("repository", "repositories", repository),
    "reference-native": "/reference/native",
    "reference-peer": "/reference/peer",
    "reference-powerstore": "/reference/powerstore",
    settings: "/settings",
    "settings-replication": "/settings/replication",
    missing: "/no-such-page",
  };
}

async function openApproval(page) {
  await page.goto("/pairing");
  await page.getByRole("heading", { level: 1 }).first().waitFor();
  await page.waitForTimeout(SETTLE_MS);
  const button = page.getByRole("button", { name: /Approve/ }).first();
  if (!(await button.isVisible())) return false;
  await button.click();
  await page.getByRole("dialog").getByRole("checkbox").first().waitFor();
  return true;
}

/** The window is made as tall as the page: a full-page picture would show the bars in the middle of it. */
async function picture(page, size, file) {
  await page.locator("[aria-busy=true]").first().waitFor({ state: "detached" });
  await page.waitForTimeout(SETTLE_MS);
  const dialog = await page.getByRole("dialog").first().isVisible();
  const tall = await page.evaluate(() => document.documentElement.scrollHeight);
  if (!dialog) await page.setViewportSize({ ...size, height: Math.min(Math.max(tall, size.height), HEIGHT_MAX) });
  await page.screenshot({ path: file });
  await page.setViewportSize(size);
}

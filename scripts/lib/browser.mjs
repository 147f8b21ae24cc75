// Finds or fetches a Chromium for the browser tests and writes down how to launch it.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { fail, say } from "./say.mjs";
import { root } from "./stamp.mjs";

/** {executablePath, args, env}: read by playwright.config.ts and by the scripts that take screenshots. */
export const BROWSER_FILE = path.join(root, ".build/browser.json");
const APT_MS = 15 * 60_000;

export function browserReady() {
  try {
    const { executablePath, chosenBy } = JSON.parse(readFileSync(BROWSER_FILE, "utf8"));
    return existsSync(executablePath) && chosenBy === (process.env.CHROMIUM ?? "");
  } catch {
    return false;
  }
}

export async function prepareBrowser() {
  if (browserReady()) return;
  const found = findInstalled() ?? installFromDebian() ?? (await unpackPackaged());
  if (!found)
    fail("no Chromium was found or could be installed for the browser tests. Install one, or name it in CHROMIUM.");
  mkdirSync(path.dirname(BROWSER_FILE), { recursive: true });
  writeFileSync(BROWSER_FILE, JSON.stringify({ ...found, chosenBy: process.env.CHROMIUM ?? "" }, null, 2));
  say(`Browser for the tests: ${found.executablePath}`);
}

function findInstalled() {
  if (process.env.CHROMIUM) {
    if (runs(process.env.CHROMIUM)) return launchOf(process.env.CHROMIUM);
    fail(
      `CHROMIUM is "${process.env.CHROMIUM}", which does not start. Name a Chromium or Chrome executable, or unset it.`,
    );
  }
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge"];
  const onPath = (process.env.PATH ?? "")
    .split(path.delimiter)
    .flatMap((folder) => names.map((name) => path.join(folder, name)));
  const mac = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
  ];
  const executable = [...onPath, ...mac, ...playwrightCache()].find((file) => existsSync(file) && runs(file));
  return executable ? launchOf(executable) : null;
}

function playwrightCache() {
  const cache = path.join(homedir(), ".cache/ms-playwright");
  if (!existsSync(cache)) return [];
  const folders = readdirSync(cache).filter((name) => name.startsWith("chromium-"));
  return folders.flatMap((name) =>
    ["chrome-linux", "chrome-linux64"].map((at) => path.join(cache, name, at, "chrome")),
  );
}

function launchOf(executablePath) {
  // Chromium's sandbox does not work for root.
  return { executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [], env: {} };
}

/** Ubuntu has a "chromium-browser" that only says how to install one: ask it for a version. */
function runs(executable) {
  return spawnSync(executable, ["--version"], { stdio: "ignore", timeout: 30_000 }).status === 0;
}

function installFromDebian() {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return null;
  say("Installing Chromium from Debian's packages (apt-get); this takes a minute …");
  const apt = (...args) =>
    spawnSync("apt-get", ["-o", "DPkg::Lock::Timeout=300", ...args], {
      encoding: "utf8",
      timeout: APT_MS,
      maxBuffer: 64 * 1024 * 1024,
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
  apt("update", "-q");
  const { status, stderr } = apt("install", "-q", "-y", "--no-install-recommends", "chromium", "fonts-dejavu-core");
  if (status !== 0) say(`apt-get could not install it: ${(stderr ?? "").trim().split("\n").at(-1)}`);
  return existsSync("/usr/bin/chromium") && runs("/usr/bin/chromium") ? launchOf("/usr/bin/chromium") : null;
}

/** A Chromium that comes as an npm package, with its own libraries, made for machines where nothing can be installed. */
async function unpackPackaged() {
  if (process.platform !== "linux" || process.arch !== "x64") return null;
  const folder = path.join(root, ".build/browser");
  mkdirSync(folder, { recursive: true });
  say("Unpacking the Chromium of @sparticuz/chromium …");
  // It reads these two when it is loaded: where to unpack, and that its own libraries are wanted.
  const before = { ...process.env };
  Object.assign(process.env, {
    TMPDIR: folder,
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs20.x",
    FONTCONFIG_PATH: path.join(folder, "fonts"),
  });
  const entry = path.join(root, "node_modules/@sparticuz/chromium/build/esm/index.js");
  const { default: chromium } = await import(pathToFileURL(entry).href);
  const executablePath = await chromium.executablePath();
  const env = {
    TMPDIR: folder,
    FONTCONFIG_PATH: path.join(folder, "fonts"),
    LD_LIBRARY_PATH: process.env.LD_LIBRARY_PATH ?? "",
  };
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
  const fonts = path.join(folder, "fonts/fonts.conf");
  // Its list of font folders is written for /tmp; elsewhere no text would be visible.
  if (existsSync(fonts))
    writeFileSync(fonts, readFileSync(fonts, "utf8").replaceAll("/tmp/fonts", path.join(folder, "fonts")));
  return { executablePath, args: ["--no-sandbox", "--no-zygote"], env };
}

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, inject, test } from "vitest";
import { log } from "@/lib/log";
import { openCoreDatabase } from "@/lib/runtime/database";
import { takeHome } from "@/lib/runtime/home";
import { settleAddresses } from "@/lib/runtime/listen-addresses";
import { freePort } from "@/lib/runtime/ports";
import { readSettings, type Settings } from "@/lib/runtime/settings";

const folder = mkdtempSync(path.join(tmpdir(), "twincore-settings-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (environment: Record<string, string>, argv: string[] = []) =>
  readSettings(argv, { NODE_ENV: "test", ...environment }, folder);

function settings(argv: string[] = []): Settings {
  const all = read({}, argv);
  if (!all) throw new Error("asked for help");
  return all;
}

describe("a wrong setting is refused with its name and its value", () => {
  test.each([
    ["TWINCORE_WEB_PORT", "abc"],
    ["TWINCORE_PEER_PORT", "70000"],
    ["TWINCORE_WEB_HOST", "not a host"],
    ["TWINCORE_PEER_URL", "http://plain.example"],
    ["TWINCORE_LOG_LEVEL", "loud"],
    ["TWINCORE_ROLES", "web,wroker"],
    ["DATABASE_URL", "mysql://localhost/x"],
    ["TWINCORE_NAME", "n".repeat(101)],
  ])("%s=%s", (name, value) => {
    expect(() => read({ [name]: value })).toThrow(name);
    expect(() => read({ [name]: value })).toThrow(value);
  });
});

test("a wrong secret is named and never repeated", () => {
  const wrong = "0123456789abcdef";
  const message = messageOf(() => read({ TWINCORE_SECRET: wrong }));
  expect(message).toContain("TWINCORE_SECRET");
  expect(message).not.toContain(wrong);
});

test("the password of a wrong DATABASE_URL is not repeated", () => {
  const message = messageOf(() => read({ DATABASE_URL: "mysql://me:opensesame@localhost/x" }));
  expect(message).toContain("DATABASE_URL");
  expect(message).not.toContain("opensesame");
});

test("an unknown flag is refused by its name", () => {
  expect(() => read({}, ["--prot", "1"])).toThrow("--prot");
});

test("a flag wins over its variable, and an empty variable counts as unset", () => {
  expect(read({ TWINCORE_NAME: "a", TWINCORE_WEB_PORT: "" }, ["--name", "b"])).toMatchObject({
    name: "b",
    webPort: 8443,
  });
});

test("a port that another program listens on is named with what to do", async () => {
  const port = await freePort("127.0.0.1");
  const other = createServer().listen(port, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const taken = settleAddresses(settings(["--web-port", String(port), "--peer-port", "0", "--vendor-port", "0"]));
  await expect(taken).rejects.toThrow(
    `TWINCORE_WEB_PORT is ${port}, and another program already listens on 127.0.0.1:${port}`,
  );
  await new Promise((resolve) => other.close(resolve));
});

test("an address that is not of this machine is named", async () => {
  await expect(
    settleAddresses(
      settings(["--peer-host", "192.0.2.1", "--peer-port", "0", "--web-port", "0", "--vendor-port", "0"]),
    ),
  ).rejects.toThrow('TWINCORE_PEER_HOST is "192.0.2.1"');
});

test("a home that is a file is named", () => {
  const file = path.join(folder, "file");
  writeFileSync(file, "");
  expect(() => takeHome(path.join(file, "home"))).toThrow(`TWINCORE_HOME is "${path.join(file, "home")}"`);
});

test("a home that may not be written is named", () => {
  // Root may write everywhere but in the kernel's own tree.
  const home = process.getuid?.() === 0 ? "/sys/twincore" : path.join(folder, "read-only");
  if (!home.startsWith("/sys")) mkdirSync(home, { mode: 0o500 });
  expect(() => takeHome(home)).toThrow(`TWINCORE_HOME is "${home}"`);
});

test("a second core on one home is refused with the process that has it, until that one lets go", () => {
  const home = path.join(folder, "home");
  const held = takeHome(home);
  expect(() => takeHome(home)).toThrow(`process ${process.pid}`);
  held.release();
  takeHome(home).release();
});

test("a Postgres that refuses the password is told apart from one that does not answer", async () => {
  const url = new URL(inject("postgresUrl"));
  url.password = "wrong";
  const refused = openCoreDatabase(folder, url.toString(), log);
  await expect(refused).rejects.toThrow(/^DATABASE_URL is ".*": the password is refused/);
  url.pathname = "/nowhere";
  url.password = new URL(inject("postgresUrl")).password;
  await expect(openCoreDatabase(folder, url.toString(), log)).rejects.toThrow("there is no such database");
});

test("a Postgres that does not answer is named after a bounded wait", async () => {
  const port = await freePort("127.0.0.1");
  const absent = openCoreDatabase(folder, `postgresql://me:secretword@127.0.0.1:${port}/x`, log, { waitMs: 500 });
  await expect(absent).rejects.toThrow(
    `DATABASE_URL is "postgresql://me:…@127.0.0.1:${port}/x": nothing answers there`,
  );
});

function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "";
}

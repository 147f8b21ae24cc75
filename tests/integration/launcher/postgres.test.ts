import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { removePostgres, startPostgres } from "@/lib/runtime/postgres/start";
import { findRoot } from "@/lib/runtime/root";
import { withClient } from "@/tests/support/global-postgres";
import { eventually, isRunning } from "@/tests/support/processes";

const homes: string[] = [];
afterAll(() => {
  for (const home of homes) {
    removePostgres(home);
    rmSync(home, { recursive: true, force: true });
  }
});

function newHome(): string {
  const home = mkdtempSync(path.join(tmpdir(), "twincore-postgres-"));
  homes.push(home);
  return home;
}

const select = (url: string) =>
  withClient(url, (client) => client.query("select 1 as one")).then((result) => result.rows);

test("data outlives a stop, and a second process on the home is refused meanwhile", async () => {
  const home = newHome();
  const first = await startPostgres({ home });
  await withClient(first.url, (client) => client.query("create table kept as select 7 as seven"));
  await expect(startPostgres({ home })).rejects.toThrow(home);
  await first.stop();
  const second = await startPostgres({ home });
  const { rows } = await withClient(second.url, (client) => client.query("select seven from kept"));
  expect(rows).toEqual([{ seven: 7 }]);
  await second.stop();
});

test("it lets nobody in without the password, and listens on this machine only", async () => {
  const postgres = await startPostgres({ home: newHome() });
  const url = new URL(postgres.url);
  url.password = "guess";
  await expect(select(url.toString())).rejects.toThrow(/password authentication failed/);
  const { rows } = await withClient(postgres.url, (client) => client.query("show listen_addresses"));
  expect(rows).toEqual([{ listen_addresses: "127.0.0.1" }]);
  await postgres.stop();
});

test("a Postgres killed in mid-run is started again at the same address", async () => {
  const events: string[] = [];
  const postgres = await startPostgres({ home: newHome(), onEvent: ({ kind }) => events.push(kind) });
  const before = postgres.pid();
  process.kill(before ?? 0, "SIGKILL");
  await eventually(async () => {
    await select(postgres.url);
    return postgres.pid() !== before;
  });
  expect(events.slice(0, 2)).toEqual(["died", "restarted"]);
  await postgres.stop();
});

/** A process that starts Postgres and tells its pid, to be killed in the way no program can prepare for. */
async function startInOtherProcess(home: string) {
  const code = `import { startPostgres } from ${JSON.stringify(path.join(findRoot(), ".build/postgres.mjs"))};
    const postgres = await startPostgres({ home: ${JSON.stringify(home)} });
    process.stdout.write(String(postgres.pid()));
    setInterval(() => undefined, 1000);`;
  const owner = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  const pid = await new Promise<number>((resolve, reject) => {
    owner.stdout.once("data", (text) => resolve(Number(text)));
    owner.once("exit", () => reject(new Error("the owner ended before Postgres ran")));
  });
  return { owner, pid };
}

test("no Postgres outlives an owner that is killed -9", async () => {
  const home = newHome();
  const { owner, pid } = await startInOtherProcess(home);
  expect(isRunning(pid)).toBe(true);
  owner.kill("SIGKILL");
  await eventually(() => !isRunning(pid));
});

test("a start right after kill -9 of the owner takes the data over", async () => {
  const home = newHome();
  const { owner } = await startInOtherProcess(home);
  owner.kill("SIGKILL");
  await new Promise((resolve) => owner.once("exit", resolve));
  const postgres = await startPostgres({ home });
  expect(await select(postgres.url)).toEqual([{ one: 1 }]);
  await postgres.stop();
});

test("a removed database leaves nothing behind", async () => {
  const home = newHome();
  const postgres = await startPostgres({ home });
  await postgres.stop();
  removePostgres(home);
  expect(existsSync(path.join(home, "postgres"))).toBe(false);
});

import { spawn } from "node:child_process";
import path from "node:path";
import { beforeAll, expect, it } from "vitest";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit, writeCheckpoint } from "@/lib/engine/audit";
import { findRoot } from "@/lib/runtime/root";
import { PeerCore } from "@/tests/support/peer-core";

const core = await PeerCore.start("command");

/** As `npm run audit` runs it, on the database of a core. */
function run(args: string[], env: Record<string, string> = {}) {
  const clean = Object.entries(process.env).filter(([name]) => !/^(TWINCORE_|DATABASE_URL$|VITEST)/.test(name));
  const child = spawn(process.execPath, [path.join(findRoot(), "scripts/audit.mjs"), ...args], {
    env: { NODE_ENV: "production", ...Object.fromEntries(clean), ...env },
  });
  let [out, err] = ["", ""];
  child.stdout.on("data", (text) => (out += text));
  child.stderr.on("data", (text) => (err += text));
  return new Promise<{ status: number | null; out: string; err: string }>((resolve) =>
    child.on("close", (status) => resolve({ status, out, err })),
  );
}

const here = () => ["--home", core.home, "--database-url", core.db.url];
const secret = { TWINCORE_SECRET: core.secret.toString("hex") };

beforeAll(async () => {
  for (const action of ["a.one", "a.two", "a.three"])
    await withTransaction(core.db, (tx) => writeAudit(tx, core.ctx(), action, "s"));
  await writeCheckpoint(core.ctx());
});

it("says that a whole trail is whole, and with what it was compared", async () => {
  const { status, out } = await run(["verify", ...here()], secret);
  expect(out).toContain("The audit trail is whole: 3 entries.");
  expect(out).toContain("Checkpoints: 1 in the database, 1 in the file of the home");
  expect(out).not.toContain("not known");
  expect(status).toBe(0);
});

it("says when this core's key is not at hand", async () => {
  expect((await run(["verify", ...here()])).out).toContain("who made them is not known");
});

it("writes every entry as a line of JSON, oldest first", async () => {
  const { status, out } = await run(["export", ...here()]);
  const entries = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(entries.map(({ action, position }) => [action, position])).toEqual([
    ["a.one", 1],
    ["a.two", 2],
    ["a.three", 3],
  ]);
  expect(status).toBe(0);
});

it("ends with 1 and names what is wrong", async () => {
  await core.db.pool.query(
    "begin; set local session_replication_role = replica; delete from audit_entry where position = 2; commit",
  );
  const { status, out } = await run(["verify", ...here()], secret);
  expect(out).toContain("BROKEN (missing): Entry 2 is missing.");
  expect(status).toBe(1);
});

it("says where it looked when there is no core, and what it can when it is asked nothing", async () => {
  const missing = await run(["verify", "--home", path.join(core.home, "none")]);
  expect(missing).toMatchObject({ status: 2, err: expect.stringContaining("There is no core in") });
  expect(await run([])).toMatchObject({ status: 2, out: expect.stringContaining("npm run audit -- verify") });
});

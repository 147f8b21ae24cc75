import { createServer } from "node:net";
import { connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { ask, TestCore } from "@/tests/support/core";
import { childrenOf, eventually, isRunning } from "@/tests/support/processes";

// Whole cores start here, beside whatever else the machine does.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const cores: TestCore[] = [];
afterAll(() => Promise.all(cores.map((core) => core.dispose())));

async function start(args: string[] = [], home?: string): Promise<TestCore> {
  const core = await TestCore.start(args, home);
  cores.push(core);
  return core;
}

describe("a running core", () => {
  let core: TestCore;
  beforeAll(async () => {
    core = await start();
  });

  test("answers healthz and readyz on both listeners", async () => {
    for (const url of [core.state.webUrl, core.state.peerUrl]) {
      expect((await ask(`${url}/healthz`)).status).toBe(200);
      expect(JSON.parse((await ask(`${url}/readyz`)).text)).toMatchObject({
        ready: true,
        database: "ok",
        migrations: "ok",
      });
    }
  });

  test("the first start prints the link that creates the administrator", () => {
    expect(core.text).toContain(`${core.state.webUrl}/setup#`);
  });

  test.each([
    "/",
    "/api/v1/overview",
    "/_next/static/x",
    "/apprecovery/../api/v1/overview",
    "/apprecovery/%2e%2e/api",
    "/apprecovery",
  ])("the peer listener knows nothing at %s", async (path) => {
    expect(await ask(`${core.state.peerUrl}/`, { path })).toMatchObject({
      status: 404,
      text: "There is nothing here.\n",
    });
  });

  test("the peer operations do not exist on the web listener", async () => {
    expect((await ask(`${core.state.webUrl}/apprecovery/api/x`)).status).toBe(404);
  });

  test("the vendor listener answers health and nothing of the dashboard or of the peer protocol", async () => {
    const { vendorUrl } = core.state;
    expect((await ask(`${vendorUrl}/healthz`)).status).toBe(200);
    // Its root is the list of versions of one vendor's API.
    expect((await ask(`${vendorUrl}/`)).status).toBe(300);
    for (const path of ["/api/v1/overview", "/vendors/x", "/sign-in", "/apprecovery/api/x"])
      expect([path, (await ask(`${vendorUrl}${path}`)).status]).toEqual([path, 404]);
    expect((await ask(`${core.state.webUrl}/vendors/v3`)).status).toBe(404);
  });

  test("the peer listener speaks TLS 1.3 only", async () => {
    await expect(ask(`${core.state.peerUrl}/healthz`, { maxVersion: "TLSv1.2" })).rejects.toThrow(/protocol version/);
  });

  test("a role that is killed comes back at its address, under another pid that runtime.json names", async () => {
    const before = core.pidOf("web");
    process.kill(before, "SIGKILL");
    await eventually(
      async () => core.pidOf("web") !== before && (await ask(`${core.state.webUrl}/readyz`)).status === 200,
    );
    expect(isRunning(before)).toBe(false);
  });

  test("it recovers by itself when Postgres is killed", async () => {
    const before = core.pidOf("postgres");
    process.kill(before, "SIGKILL");
    await eventually(() => core.pidOf("postgres") !== before);
    const restartedAt = performance.now();
    // An answer of readyz may be a second old.
    const isFresh = () => performance.now() - restartedAt > 1_100;
    await eventually(async () => isFresh() && (await ask(`${core.state.webUrl}/readyz`)).status === 200);
  });

  test("a second start on its home is refused and names the process", async () => {
    const second = TestCore.launch([], core.home);
    expect(await second.ended()).toBe(1);
    expect(second.text).toContain(`process ${core.state.pid} already runs a core there`);
  });
});

test("SIGTERM ends every process within the bound, also with a request that never ends, and leaves status 0", async () => {
  const core = await start();
  const pids = core.state.processes.map(({ pid }) => pid);
  const { hostname, port } = new URL(core.state.webUrl ?? "");
  const stuck = connect({ host: hostname, port: Number(port), rejectUnauthorized: false });
  stuck.on("error", () => undefined);
  await new Promise((resolve) => stuck.once("secureConnect", resolve));
  stuck.write("POST /api/v1/x HTTP/1.1\r\nhost: core\r\n");
  core.child.kill("SIGTERM");
  // Ten seconds are promised; the rest is for a machine that is busy with other tests.
  expect(await core.ended(15_000)).toBe(0);
  expect(pids.filter(isRunning)).toEqual([]);
  stuck.destroy();
});

test("SIGTERM in the middle of a start ends it at once, with status 0 and nothing left behind", async () => {
  const core = TestCore.launch();
  cores.push(core);
  await eventually(() => core.text.includes("the database was brought to this version"));
  const children = childrenOf(core.child.pid);
  expect(children.length).toBeGreaterThan(0);
  core.child.kill("SIGTERM");
  expect(await core.ended(15_000)).toBe(0);
  await eventually(() => !children.some(isRunning));
});

test("a core that was stopped starts again with its own identity", async () => {
  const first = await start();
  const { coreId } = first.state;
  first.child.kill("SIGTERM");
  await first.ended();
  const second = await start([], first.home);
  expect(second.state.coreId).toBe(coreId);
});

test("kill -9 of the supervisor leaves no process, and the next start takes the home over", async () => {
  const core = await start();
  const pids = core.state.processes.map(({ pid }) => pid);
  core.child.kill("SIGKILL");
  const next = start([], core.home);
  await eventually(() => !pids.some(isRunning));
  expect((await ask(`${(await next).state.webUrl}/healthz`)).status).toBe(200);
});

test("a port in use ends the start with one clear line and status 1, and nothing stays behind", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const address = other.address();
  const port = typeof address === "object" ? address?.port : 0;
  const core = TestCore.launch(["--web-port", String(port)]);
  cores.push(core);
  expect(await core.ended()).toBe(1);
  expect(core.text).toMatch(new RegExp(`TWINCORE_WEB_PORT is ${port}, and another program already listens`));
  other.close();
});

test("one role can run alone beside others on one database, with the key given from outside", async () => {
  const whole = await start();
  const without = TestCore.launch(["--role", "worker", "--database-url", whole.state.databaseUrl]);
  cores.push(without);
  expect(await without.ended()).toBe(1);
  expect(without.text).toContain("TWINCORE_SECRET is not set");
});

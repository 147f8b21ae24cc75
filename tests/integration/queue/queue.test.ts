import { afterEach, describe, expect, it } from "vitest";
import { log } from "@/lib/log";
import { createQueue, type JobQueue, type QueueJob } from "@/lib/queue";
import { testDatabase } from "@/tests/support/database";
import { until } from "@/tests/support/until";
import { bundled } from "./bundled-process";

const db = await testDatabase();
const open: JobQueue[] = [];
const aQueue = () => {
  const queue = createQueue(db, log);
  open.push(queue);
  return queue;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map((queue) => queue.stop()));
  await db.pool.query("delete from pgboss.job");
});

const job = (name: string, run: QueueJob["run"], more: Partial<QueueJob> = {}): QueueJob => ({
  name,
  concurrency: 2,
  retriesMax: 3,
  retryDelaySeconds: 0,
  expireSeconds: 60,
  run,
  ...more,
});
const queued = async () =>
  Number((await db.pool.query("select count(*) from pgboss.job where state < 'active'")).rows[0].count);

describe("the job queue", () => {
  it("runs what another process asked for", async () => {
    const ran: unknown[] = [];
    await aQueue().work([job("run-task", async (payload) => void ran.push(payload))]);
    await aQueue().enqueue("run-task", { taskId: "t" });
    await until("the job ran", () => ran.length === 1);
    expect(ran).toEqual([{ taskId: "t" }]);
  });

  it("keeps at most one job of a key, and any number without a key", async () => {
    const { enqueue } = aQueue();
    for (let i = 0; i < 3; i++) await enqueue("run-replication", { sessionId: "s" }, { key: "s" });
    for (let i = 0; i < 3; i++) await enqueue("run-replication", { sessionId: "other" });
    expect(await queued()).toBe(4);
  });

  it("lets nobody wait who asks sooner for what is queued for later", async () => {
    const ran: unknown[] = [];
    const { enqueue, work } = aQueue();
    await enqueue("poll-pairing", { pairingId: "p" }, { key: "p", afterSeconds: 3600 });
    await work([job("poll-pairing", async (payload) => void ran.push(payload))]);
    await enqueue("poll-pairing", { pairingId: "p" }, { key: "p" });
    await until("the job ran", () => ran.length === 1);
  });

  it("tries a job that failed again, as often as its row says", async () => {
    const attempts: number[] = [];
    const failing = job("sweep", async (_, { attempt }) => {
      attempts.push(attempt);
      throw new Error("not today");
    });
    const { enqueue, work } = aQueue();
    await work([{ ...failing, retriesMax: 2 }]);
    await enqueue("sweep", {});
    await until("the job is given up", async () => {
      const { rows } = await db.pool.query("select state from pgboss.job where name = 'sweep'");
      return rows[0]?.state === "failed";
    });
    expect(attempts).toEqual([0, 1, 2]);
  });

  it("puts a running job back when its worker stops, for another worker to run", async () => {
    const first = aQueue();
    const seen: string[] = [];
    await first.work([
      job("run-task", async (_, { signal }) => {
        seen.push("began");
        await new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      }),
    ]);
    await first.enqueue("run-task", { taskId: "t" });
    await until("the job began", () => seen.length === 1);
    await first.stop();
    await aQueue().work([job("run-task", async () => void seen.push("done by the other"))]);
    await until("the other worker ran it", () => seen.length === 2);
    expect(seen).toEqual(["began", "done by the other"]);
  });

  it("has a schedule for a job that runs by the clock", async () => {
    await aQueue().work([job("measure-usage", async () => undefined, { cron: "*/10 * * * *" })]);
    const { rows } = await db.pool.query(
      "select name, cron, timezone from pgboss.schedule where name = 'measure-usage'",
    );
    expect(rows).toEqual([{ name: "measure-usage", cron: "*/10 * * * *", timezone: "UTC" }]);
  });

  it("says that it is unavailable when the database does not answer", async () => {
    const url = new URL(db.url);
    url.port = "1";
    const queue = createQueue({ url: url.toString() }, log);
    await expect(queue.enqueue("sweep", {})).rejects.toMatchObject({ code: "unavailable" });
    await queue.stop();
  });
});

describe("worker processes", () => {
  it("a job whose worker is killed -9 is begun again by another within 15 seconds", async () => {
    const start = await bundled("tests/integration/queue/worker-process.ts");
    const began = (process: { messages: Record<string, unknown>[] }) =>
      process.messages.find((message) => "began" in message);
    const first = start({ DATABASE_URL: db.url });
    await aQueue().enqueue("run-task", { taskId: "t" }, { key: "t" });
    await until("the first worker has the job", () => began(first));
    const second = start({ DATABASE_URL: db.url });
    await until("the second worker is ready", () => second.messages.length > 0);
    await first.kill();
    expect(await until("the second worker has the job", () => began(second), 15_000)).toMatchObject({
      began: { taskId: "t" },
      attempt: 1,
    });
    expect(await second.stop()).toBe(0);
    expect(await queued()).toBe(1);
  });
});

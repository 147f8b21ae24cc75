import { createCipheriv, createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { API_PREFIX } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { OutgoingFileReport } from "@/lib/engine/outgoing-files/schemas";
import type { CoreUnderTest, RoleName } from "../support/core-under-test";
import { ReplicatingPair } from "../support/replicating-pair";
import { until } from "../support/until";

const MiB = 1024 * 1024;
const FILE_MIB = 256;
/** What the design allows any process, whatever passes through it. */
const MEMORY_MIB_MAX = 512;

let pair: ReplicatingPair;
beforeAll(async () => {
  pair = await ReplicatingPair.start();
}, 240_000);
afterAll(() => pair?.stop(), 60_000);

/** The same bytes each time, which nothing can compress. */
function* content(): Generator<Buffer> {
  const cipher = createCipheriv("aes-256-ctr", Buffer.alloc(32, 7), Buffer.alloc(16));
  for (let i = 0; i < FILE_MIB; i++) yield cipher.update(Buffer.alloc(MiB));
}

async function* body(): AsyncGenerator<Buffer> {
  yield* content();
}

function memoryMib(core: CoreUnderTest, role: RoleName): number {
  const found = core.runtime.processes.find((one) => one.role === role);
  const status = readFileSync(`/proc/${found?.pid}/status`, "utf8");
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

async function send(name: string): Promise<string> {
  const url = `${API_PREFIX}/pairings/${pair.pairing.id}/files?name=${encodeURIComponent(name)}&version=Exchange2010`;
  return OutgoingFileReport.parse(await pair.source.put(url, body())).id;
}

const outgoing = async (id: string) => {
  const { items } = await pair.source.call(adminContract.listOutgoingFiles, {});
  return items.find((file) => file.id === id);
};

it("a large file goes from a person through the source to the target, whose peer process is killed meanwhile, in bounded memory", async () => {
  const hash = createHash("sha256");
  for (const bytes of content()) hash.update(bytes);
  const sha256 = hash.digest("hex");
  const id = await send("Exchange update.msp");
  const begun = () => outgoing(id).then((file) => file !== undefined && file.sentBytes > 0);
  await until("the first piece on the target", begun);
  await pair.target.revived("peer", pair.target.kill("peer"));
  pair.followTarget();
  await until("the file on the target", async () => (await outgoing(id))?.state === "sent", 180_000);
  const { items } = await pair.target.call(adminContract.listCoreFiles, {});
  const [file] = items;
  expect(items).toMatchObject([
    { fileName: "Exchange update.msp", version: "Exchange2010", sha256, sizeBytes: FILE_MIB * MiB },
  ]);
  const arrived = await pair.target.digestOf(`${API_PREFIX}/core-files/${file?.id}/content`);
  expect(arrived).toEqual({ sha256, bytes: FILE_MIB * MiB });
  const processes = [
    [pair.source, "web"],
    [pair.source, "worker"],
    [pair.target, "peer"],
    [pair.target, "web"],
  ] as const;
  for (const [core, role] of processes)
    expect(memoryMib(core, role), `${role} of the ${core.name}`).toBeLessThan(MEMORY_MIB_MAX);
}, 300_000);

// Offers keys to a target over mutual TLS, as a run does, and says how long that took. Bundled and run by negotiation.mjs.
import { createHash, randomUUID } from "node:crypto";
import { engineContext } from "@/lib/context";
import { encodeKeys, type RecordKey } from "@/lib/engine/records/key";
import { KEYS_PER_BATCH } from "@/lib/engine/replication/peer-schemas";
import { connectPeer } from "@/lib/peer/connect";
import {
  endVolumeImageReplicationSession,
  negotiateMissingRecords,
  startNewVolumeImageReplicationSession,
} from "@/lib/peer/operations/images";
import { startRemoteReplicationJob } from "@/lib/peer/operations/jobs";

const RECORD_BYTES = 1024 * 1024;

const [pairingId = "", agentId = "", volumeId = "", volumeName = "", first = "0", count = "0"] = process.argv.slice(2);
const keys = Array.from({ length: Number(count) }, (_, i) => keyOf(Number(first) + i));
const ctx = engineContext({ kind: "job", name: "bench" });
const client = await connectPeer(ctx, pairingId);
const jobId = await client.call(startRemoteReplicationJob, { agentId, masterJobId: randomUUID() });
const sessionId = await client.call(startNewVolumeImageReplicationSession, declaration(jobId));

let bytes = 0;
let missing = 0;
const startedAt = performance.now();
for (let start = 0; start < keys.length; start += KEYS_PER_BATCH) {
  const body = encodeKeys(keys.slice(start, start + KEYS_PER_BATCH));
  const onBytes = (sent: number, received: number) => {
    bytes += sent + received;
  };
  const answer = await client.send(negotiateMissingRecords, { agentId, jobId, sessionId, start }, portions(body), {
    onBytes,
  });
  for await (const piece of answer) missing += piece.length;
}
const seconds = (performance.now() - startedAt) / 1000;
await client.call(endVolumeImageReplicationSession, { agentId, jobId, sessionId, commit: "false" });
client.close();
process.stdout.write(JSON.stringify({ offered: keys.length, missing: missing / 44, seconds, bytes }));
process.exit(0);

/** The digest of a number, as scale.mjs writes it into the index. */
function keyOf(number: number): RecordKey {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(number));
  return { digest: createHash("sha256").update(bytes).digest(), rawLength: RECORD_BYTES, aux: 0n };
}

function declaration(job: string) {
  const id = randomUUID();
  const size = keys.length * RECORD_BYTES;
  const headerHash = "0".repeat(64);
  const image = { id, volumeId, volumeDisplayName: volumeName, volumeKind: "image" as const, size, entryCount: 0 };
  return {
    agentId,
    jobId: job,
    recoveryPointId: randomUUID(),
    epochNumber: 1_000_000,
    utcCreatedTimestamp: new Date().toISOString(),
    volumeImageId: id,
    streams: [{ kind: "raw" as const, keyCount: keys.length, totalBytes: size }],
    point: {
      images: [{ ...image, recordCount: keys.length, headerHash }],
      logicalBytes: size,
      skippedCount: 0,
      skipped: [],
    },
  };
}

async function* portions(body: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < body.length; at += 64 * 1024) yield body.subarray(at, at + 64 * 1024);
}

// What only shows with much behind it: a run that finds nothing to do among many points, and negotiation against a large index.
import pg from "pg";
import { say } from "../demo/terminal.mjs";
import { measureNegotiation } from "./negotiation.mjs";
import { runAgain } from "./round.mjs";

/** Returns { points, unchanged, negotiation }. Fills both databases with rows that no file stands behind: the cores are thrown away after. */
export async function measureAtScale(pair, { points, records }) {
  say(`  ${points} recovery points on both sides`);
  for (const core of [pair.source, pair.target])
    await withDatabase(core, (client) => addPoints(client, pair.agent.id, points));
  const unchanged = await runAgain(pair.source, pair.sessionId);
  say(`  ${records} records in the target's index`);
  await withDatabase(pair.target, (client) => addRecords(client, pair.agent.id, records));
  const negotiation = await measureNegotiation(pair, records);
  return { points, unchanged, negotiation };
}

async function withDatabase(core, use) {
  const client = new pg.Client({ connectionString: core.runtime.databaseUrl });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** Older than every real point, with the same ids and digests on every core. */
async function addPoints(client, agentId, count) {
  await client.query(
    `insert into recovery_point (id, agent_id, repository_id, sequence, created_at, logical_bytes, stored_bytes)
     select md5('bench point ' || i)::uuid, a.id, a.repository_id, -i, '2020-01-01'::timestamptz - i * interval '1 hour', 1048576, 0
       from agent a, generate_series(1, $2::int) i where a.id = $1`,
    [agentId, count],
  );
  await client.query(
    `insert into volume_image (id, recovery_point_id, volume_id, kind, size_bytes, record_count, manifest_digest)
     select md5('bench image ' || i)::uuid, md5('bench point ' || i)::uuid, v.id, v.kind, 1048576, 1, sha256(('bench ' || i)::bytea)
       from volume v, generate_series(1, $2::int) i where v.agent_id = $1`,
    [agentId, count],
  );
  await client.query("vacuum analyze recovery_point, volume_image");
}

/** Rows of the index with digests of the numbers from 1 on. */
async function addRecords(client, agentId, count) {
  const { rows } = await client.query(
    `select d.id, (select max(number) from pack) pack from agent a
       join record_domain d on d.repository_id = a.repository_id and d.tenant_id = a.tenant_id where a.id = $1`,
    [agentId],
  );
  await client.query(
    `insert into record (domain_id, digest, pack_number, "offset", length, raw_length)
     select $1, sha256(int8send(i)), $2, 0, 1048576, 1048576 from generate_series(1, $3::bigint) i on conflict do nothing`,
    [rows[0].id, rows[0].pack, count],
  );
  await client.query("vacuum analyze record");
}

import "server-only";
import type { Database } from "@/lib/db/client";
import { CHAIN_BEGIN, hashEntry } from "./chain";
import { type Checkpoint, isGenuine } from "./checkpoint";
import { readCheckpointFile } from "./checkpoint-file";
import { type ChainRow, findUnchained, readChain, readHead } from "./read-chain";
import type { AuditFinding, AuditReport } from "./schemas";

/** The newest ones; the sweep thins out older ones long before there are so many. */
const CHECKPOINTS_MAX = 50_000;

export interface VerifyOptions {
  /** This core's key; null: checkpoints are compared, and who made them is not known. */
  readonly secret: Buffer | null;
  /** Whose file of checkpoints is compared, too. */
  readonly home?: string;
  /** Sound so far, by an earlier look. */
  readonly from?: { readonly position: bigint; readonly hash: Buffer };
  /** Asked after each batch; true ends the look for now. */
  readonly isOver?: () => boolean;
  readonly onProgress?: (position: bigint, head: bigint) => void;
}

/**
 * Reads the whole audit trail and computes its chain anew, without the database's own function. Finds the first entry that was changed, is
 * missing or has no place; and, by the checkpoints, entries that are missing at the end and a chain that was written anew as a whole.
 */
export async function verifyAuditTrail(db: Pick<Database, "pool">, options: VerifyOptions): Promise<AuditReport> {
  // Before the head: an entry is there before a checkpoint says so, hence a head below a checkpoint is a loss and no race.
  const known = await readCheckpoints(db, options);
  const head = (await readHead(db.pool)).position;
  const from = options.from ?? { position: 0n, hash: CHAIN_BEGIN };
  const walk: Walk = { position: from.position, hash: from.hash, head, finding: known.forged };
  await follow(db, walk, known.byPosition, options);
  const isOver = walk.finding !== null || walk.position >= head;
  if (isOver) walk.finding ??= await atTheEnd(db, walk, known);
  return {
    state: walk.finding ? "broken" : isOver ? "sound" : "going",
    position: Number(walk.position),
    hash: walk.hash.toString("hex"),
    head: Number(head),
    finding: walk.finding,
    checkpoints: known.counts,
  };
}

interface Walk {
  position: bigint;
  hash: Buffer;
  readonly head: bigint;
  finding: AuditFinding | null;
}

async function follow(
  db: Pick<Database, "pool">,
  walk: Walk,
  checkpoints: ReadonlyMap<bigint, Checkpoint>,
  { isOver = () => false, onProgress }: VerifyOptions,
): Promise<void> {
  if (walk.finding) return;
  for await (const rows of readChain(db.pool, walk.position, walk.head)) {
    for (const row of rows) {
      walk.finding = wrongWith(row, walk, checkpoints.get(row.position));
      if (walk.finding) return;
      walk.position = row.position;
      walk.hash = row.hash ?? CHAIN_BEGIN;
    }
    onProgress?.(walk.position, walk.head);
    if (isOver()) return;
  }
}

function wrongWith(row: ChainRow, walk: Walk, checkpoint: Checkpoint | undefined): AuditFinding | null {
  const expected = walk.position + 1n;
  if (row.position > expected) {
    const last = row.position - 1n;
    const which = last === expected ? `Entry ${expected} is` : `Entries ${expected} to ${last} are`;
    return finding("missing", expected, `${which} missing.`);
  }
  const right = hashEntry(walk.hash, expected, row);
  if (row.position !== expected || !row.hash || !right.equals(row.hash))
    return finding(
      "changed",
      row.position,
      `Entry ${row.position} does not match its hash: it was changed after it was written, or one before it was taken out.`,
    );
  if (checkpoint && !checkpoint.hash.equals(row.hash))
    return finding(
      "rewritten",
      row.position,
      `The trail was written anew: entry ${row.position} is not the one that the checkpoint of ${checkpoint.at.toISOString()} names. What was changed lies at or before it.`,
    );
  return null;
}

/** What only shows when every chained entry was read. */
async function atTheEnd(db: Pick<Database, "pool">, walk: Walk, known: Known): Promise<AuditFinding | null> {
  if (known.newest && known.newest.position > walk.head)
    return finding(
      "missing-tail",
      walk.head + 1n,
      `The end is missing: there were ${known.newest.position} entries by ${known.newest.at.toISOString()}, and now there are ${walk.head}.`,
    );
  const unchained = await findUnchained(db.pool);
  if (!unchained) return null;
  const message = `Entry ${unchained.id} («${unchained.action}» of ${unchained.at.toISOString()}) has no place in the chain: it was put in past the table's triggers.`;
  return finding("unchained", null, message);
}

interface Known {
  readonly byPosition: ReadonlyMap<bigint, Checkpoint>;
  readonly newest: Checkpoint | null;
  readonly forged: AuditFinding | null;
  readonly counts: AuditReport["checkpoints"];
}

async function readCheckpoints(db: Pick<Database, "pool">, { secret, home }: VerifyOptions): Promise<Known> {
  const { rows } = await db.pool.query<Checkpoint>(
    `select position, hash, mac, at from audit_checkpoint order by position desc limit ${CHECKPOINTS_MAX}`,
  );
  const inFile = home === undefined ? null : await readCheckpointFile(home);
  const all = [...rows, ...(inFile ?? [])];
  const forged = secret ? all.find((checkpoint) => !isGenuine(secret, checkpoint)) : undefined;
  // What stands in the file wins: who rewrites the database does not reach it.
  const byPosition = new Map(all.map((checkpoint) => [checkpoint.position, checkpoint]));
  const newest = all.reduce<Checkpoint | null>(
    (last, one) => (last && last.position >= one.position ? last : one),
    null,
  );
  const counts = {
    database: rows.length,
    file: inFile?.length ?? null,
    keyed: secret !== null,
    newestAt: newest?.at.toISOString() ?? null,
  };
  return { byPosition, newest, counts, forged: forged ? forgery(forged) : null };
}

const forgery = ({ position, at }: Checkpoint) =>
  finding(
    "forged-checkpoint",
    position,
    `The checkpoint of ${at.toISOString()} for entry ${position} was not made with this core's key: it was changed, or the key is another one.`,
  );

const finding = (kind: AuditFinding["kind"], position: bigint | null, message: string): AuditFinding => ({
  kind,
  position: position === null ? null : Number(position),
  message,
});

import "server-only";
import { randomBytes, randomUUID } from "node:crypto";
import type { Database, Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { ensureAuthority } from "@/lib/engine/trust/authority";
import { sha256 } from "@/lib/engine/trust/fingerprint";
import { lockFor } from "@/lib/engine/trust/sealed-keys";
import { HOME_TENANT } from "./home-tenant";

/** Long enough to find the link in a log the next morning. */
const SETUP_LINK_HOURS = 24;
const TOKEN_BYTES = 32;

export interface PreparedCore {
  readonly coreId: string;
  /** Where the first administrator is created; null once an account exists. The token is behind a `#`, so that no request line or log ever holds it. */
  readonly setupUrlPath: string | null;
}

/** Everything a core needs once before its listeners start: its row, its CA, its home tenant, and the link for the first administrator. Safe to call at every start, on every node. */
export function prepareCore(db: Database, input: { name: string; secret: Buffer; now?: Date }): Promise<PreparedCore> {
  const now = input.now ?? new Date();
  return withTransaction(db, async (tx) => {
    await lockFor(tx, "prepare");
    const coreId = await ensureCore(tx, input.name);
    await ensureAuthority(tx, input.secret, input.name, now);
    await tx.tenant.upsert({ where: { name: HOME_TENANT }, create: { name: HOME_TENANT }, update: {} });
    return { coreId, setupUrlPath: await newSetupLink(tx, now) };
  });
}

async function ensureCore(tx: Tx, name: string): Promise<string> {
  const core = await tx.core.upsert({
    where: { only: true },
    create: { id: randomUUID(), name },
    update: { name },
    select: { id: true },
  });
  return core.id;
}

/** A new link at every start: the log of an earlier start may be anywhere by now. */
async function newSetupLink(tx: Tx, now: Date): Promise<string | null> {
  await tx.setupLink.deleteMany({});
  if ((await tx.account.count()) > 0) return null;
  const token = randomBytes(TOKEN_BYTES).toString("base64url");
  const expiresAt = new Date(now.getTime() + SETUP_LINK_HOURS * 3600_000);
  await tx.setupLink.create({ data: { hash: sha256(Buffer.from(token)), createdAt: now, expiresAt } });
  return `/setup#${token}`;
}

import "server-only";
import { z } from "zod";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { sha256 } from "@/lib/engine/trust";
import { conflict, TwincoreError } from "@/lib/errors";
import { hashPassword } from "./password";
import { Email, type Me, Password, Role, type SetUpInput } from "./schemas";

export const CreateAccountInput = z.object({
  name: z.string().trim().min(1).max(120),
  email: Email,
  password: Password,
  role: Role,
});
export type CreateAccountInput = z.infer<typeof CreateAccountInput>;

/** Creates an account. Throws conflict when the address has one. */
export async function createAccount(ctx: EngineContext, input: CreateAccountInput): Promise<Me> {
  const passwordHash = await hashPassword(input.password);
  return withTransaction(ctx.db, (tx) => insertAccount(tx, ctx, { ...input, passwordHash }));
}

/** Creates the first administrator with the one-time link. Throws forbidden when the link is wrong, used or too old. */
export async function setUp(ctx: EngineContext, input: SetUpInput): Promise<Me> {
  const passwordHash = await hashPassword(input.password);
  return withTransaction(ctx.db, async (tx) => {
    const now = ctx.now();
    // Marking it used and checking it are one statement: of two people with the link, one gets in.
    const used = await tx.setupLink.updateMany({
      where: { hash: sha256(Buffer.from(input.token)), usedAt: null, expiresAt: { gt: now } },
      data: { usedAt: now },
    });
    if (used.count !== 1 || (await tx.account.count()) > 0)
      throw new TwincoreError(
        "forbidden",
        "This link is wrong, was used already, or is older than a day. Restart the core: while it has no account, it prints a new one.",
      );
    return insertAccount(tx, ctx, { ...input, role: "administrator", passwordHash });
  });
}

async function insertAccount(
  tx: Tx,
  ctx: EngineContext,
  input: { name: string; email: string; role: Role; passwordHash: string },
): Promise<Me> {
  if (await tx.account.findUnique({ where: { email: input.email }, select: { id: true } }))
    throw conflict(`${input.email} has an account already.`);
  const { name, email, role, passwordHash } = input;
  const account = await tx.account.create({ data: { name, email, role, passwordHash, createdAt: ctx.now() } });
  await writeAudit(tx, ctx, "account.create", account.id, { email, role });
  return { accountId: account.id, name, email, role, tenantIds: null };
}

import { openDatabase } from "@/lib/db/client";
import { applyMigrations } from "@/lib/db/migrate";
import { prepareCore } from "@/lib/engine/core/prepare";
import { loadAuthority } from "@/lib/engine/trust/authority";
import { TwincoreError } from "@/lib/errors";
import { createSecret, readSecret } from "@/lib/runtime/home";
import type { FromPreparation, PreparationInput } from "@/lib/runtime/preparation";
import { findRoot } from "@/lib/runtime/root";

/**
 * What a core needs once at each start, in a process of its own that ends afterwards: the supervisor stays for months,
 * and should not keep the code of Prisma, of its migration engine and of certificates in memory all that time.
 */
async function prepare({ home, name, databaseUrl, secret: given }: PreparationInput): Promise<FromPreparation> {
  const applied = await applyMigrations(databaseUrl, findRoot());
  const db = openDatabase(databaseUrl, 2);
  const secret = given
    ? Buffer.from(given, "hex")
    : (readSecret(home) ?? (await firstSecret(home, db.prisma.core.count())));
  const { coreId, setupUrlPath } = await prepareCore(db, { name, secret });
  const { pem } = await loadAuthority(db);
  await db.close();
  return { kind: "prepared", applied, secret: secret.toString("hex"), coreId, caPem: pem, setupUrlPath };
}

/** A second node must never make its own key: it could not open what the first one sealed. */
async function firstSecret(home: string, coreCount: Promise<number>): Promise<Buffer> {
  if ((await coreCount) === 0) return createSecret(home);
  throw new TwincoreError(
    "invalid_input",
    `TWINCORE_SECRET is not set and ${home} has no secret.key, but this database already belongs to a core. Set TWINCORE_SECRET to the content of that core's secret.key.`,
  );
}

function toFailure(error: unknown): FromPreparation {
  if (error instanceof TwincoreError && error.code !== "internal")
    return { kind: "failed", code: error.code, message: error.message };
  return {
    kind: "failed",
    code: "internal",
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
  };
}

process.on("disconnect", () => process.exit(1));
process.once("message", (input: PreparationInput) => {
  prepare(input)
    .catch(toFailure)
    .then((answer) => process.send?.(answer, () => process.exit(0)));
});

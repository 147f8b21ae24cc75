import "server-only";
import { Encrypter } from "age-encryption";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { findCore, VERSION } from "@/lib/engine/core";
import { guard } from "@/lib/engine/protection/guard";
import { unseal } from "@/lib/engine/trust";
import { ExportKeysInput, KEY_FILE_FORMAT } from "./schemas";

/** 64 MiB and about a third of a second for each guess, as for seed drives: fifteen characters make that enough. */
const SCRYPT_LOG_N = 16;
/** Keys that are read, and opened, by one query: one for each pairing, and a few of the core's own. */
const BATCH = 500;

export interface KeyFile {
  readonly fileName: string;
  /** An age file that any age tool opens with the passphrase. */
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * Everything secret of this core in one file under a passphrase: the key-encryption key, and every sealed private key with its certificate, one
 * JSON text a line. With it and the database a core goes on whose home is lost; see README.md beside this file. Protected. The trail says that it was
 * asked for before the first byte leaves. Throws invalid_input for a short passphrase.
 */
export async function exportKeys(ctx: EngineContext, input: ExportKeysInput): Promise<KeyFile> {
  const { passphrase } = ExportKeysInput.parse(input);
  const core = await findCore(ctx);
  await guard(ctx, {
    action: "keys.export",
    subject: { kind: "core", id: core.id },
    title: `Export all private keys of "${core.name}" into a file.`,
    // The passphrase is nobody else's: what is agreed to is the export.
    input: {},
    tenantId: null,
  });
  await withTransaction(ctx.db, async (tx) => {
    const keys = await tx.sealedKey.count();
    await writeAudit(tx, ctx, "keys.export", core.id, { keys });
  });
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase);
  encrypter.setScryptWorkFactor(SCRYPT_LOG_N);
  const body = await encrypter.encrypt(streamOf(linesOf(ctx, core)));
  const day = ctx.now().toISOString().slice(0, 10);
  return { fileName: `twincore-keys ${core.name} ${day}.age`, body: chunksOf(body) };
}

async function* linesOf(ctx: EngineContext, core: { id: string; name: string }): AsyncGenerator<Uint8Array> {
  const exportedAt = ctx.now().toISOString();
  const keyEncryptionKey = ctx.secret.toString("hex");
  yield line({ format: KEY_FILE_FORMAT, version: 1, twincore: VERSION, core, exportedAt, keyEncryptionKey });
  let after = "";
  do {
    const rows = await ctx.db.prisma.sealedKey.findMany({
      where: { name: { gt: after } },
      orderBy: { name: "asc" },
      take: BATCH,
    });
    for (const { name, sealedKey, certificatePem } of rows)
      yield line({ name, privatePem: unseal(ctx.secret, name, sealedKey).toString("utf8"), certificatePem });
    after = rows.at(-1)?.name ?? "";
  } while (after !== "");
}

const line = (value: object) => Buffer.from(`${JSON.stringify(value)}\n`);

function streamOf(source: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await source.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: async () => void (await source.return(undefined)),
  });
}

async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

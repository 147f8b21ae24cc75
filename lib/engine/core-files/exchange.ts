import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { peerOf } from "@/lib/engine/pairing/caller";
import { hex } from "@/lib/engine/uploads/digest";
import { versionOf } from "@/lib/engine/uploads/list";
import type { ExchangeDllInput, ExchangeServerVersions, FileInformation } from "@/lib/engine/uploads/peer-schemas";
import { notFound } from "@/lib/errors";
import type { CoreFile } from "@/prisma/generated/client";

/** The versions for which the calling core has sent files. */
export async function getExchangeVersions(ctx: EngineContext): Promise<ExchangeServerVersions> {
  const { pairingId } = peerOf(ctx);
  const rows = await ctx.db.prisma.coreFile.findMany({
    where: { pairingId, removedAt: null, version: { not: "" } },
    distinct: ["version"],
    orderBy: { version: "asc" },
    select: { version: true },
    // There are six.
    take: 16,
  });
  const versions = rows.map(({ version }) => versionOf(version));
  return { exchangeServerVersions: versions.length > 0 ? versions : ["None"] };
}

/**
 * A file that the calling core has sent: of this version, else one that was sent for no version in particular, as the published
 * clients do. Letter case of names does not matter, as on the systems that these files are for. Throws `not_found`.
 */
export async function getExchangeDllInfo(ctx: EngineContext, input: ExchangeDllInput): Promise<FileInformation> {
  const { pairingId } = peerOf(ctx);
  const [found] = await ctx.db.prisma.$queryRaw<Pick<CoreFile, "id">[]>`
    select id from core_file
    where pairing_id = ${pairingId}::uuid and removed_at is null and version in (${input.exchangeServerVersion}, '')
      and lower(file_name) = lower(${input.fileName})
    order by version = '' asc, created_at desc, id desc limit 1`;
  const file = found && (await ctx.db.prisma.coreFile.findUnique({ where: { id: found.id } }));
  if (!file) throw notFound("file");
  return {
    fileName: file.fileName,
    md5Hash: hex(file.md5),
    sha256Hash: hex(file.sha256),
    size: Number(file.sizeBytes),
    version: versionOf(file.version),
  };
}

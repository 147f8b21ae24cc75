import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { loadAuthority, sha256 } from "@/lib/engine/trust";
import { parseCertificate } from "@/lib/engine/trust/x509";
import { conflict, integrity } from "@/lib/errors";
import type { DriveFolder } from "./drive-folder";
import { type DriveManifest, type OpenedManifest, openSigned } from "./manifest";

export interface TrustedDrive {
  readonly manifest: DriveManifest;
  readonly digest: Buffer;
  /** This core's pairing with the core that wrote the drive. */
  readonly pairingId: string;
}

/**
 * Reads the manifest of a folder and finds the pairing whose source signed it, before anything else of the drive is believed.
 * Throws `integrity` when it was altered, or was signed with a certificate that this core never gave to a source: then it is a
 * stranger's, or meant for another target. Throws `conflict` when the pairing was ended.
 */
export async function openTrusted(ctx: EngineContext, folder: DriveFolder): Promise<TrustedDrive> {
  const opened = openSigned(await folder.signedManifest());
  const pairingId = await pairingOf(ctx, opened);
  return { manifest: opened.manifest, digest: opened.digest, pairingId };
}

/**
 * A drive may lie on the way longer than a certificate lives, and certificates renew themselves every few weeks: what counts is
 * that this core issued it for this pairing, and that the pairing stands.
 */
async function pairingOf(ctx: EngineContext, { certificate, manifest }: OpenedManifest): Promise<string> {
  const issued = await ctx.db.prisma.pairingCertificate.findUnique({
    where: { fingerprint: sha256(certificate) },
    include: { pairing: true },
  });
  const authority = await loadAuthority(ctx.db);
  const isOurs = parseCertificate(certificate)?.verify(authority.certificate.publicKey) ?? false;
  if (!issued || !isOurs || issued.pairing.side !== "target")
    throw integrity(
      "This seed drive was not written by a core that is paired with this one: it is a stranger's, or meant for another target. Nothing was taken over.",
    );
  if (issued.pairing.state !== "established")
    throw conflict("The pairing with the core that wrote this seed drive was ended. Nothing was taken over.");
  if (issued.pairing.peerCoreId !== null && issued.pairing.peerCoreId !== manifest.sourceCoreId)
    throw integrity(
      "This seed drive names another source than the one whose certificate signed it. Nothing was taken over.",
    );
  return issued.pairingId;
}

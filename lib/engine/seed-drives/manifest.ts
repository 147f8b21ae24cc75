import "server-only";
import { createHash, createPrivateKey, sign, verify } from "node:crypto";
import { z } from "zod";
import { Bytes, Id, Instant } from "@/lib/engine/schemas";
import { parseCertificate } from "@/lib/engine/trust/x509";
import { integrity } from "@/lib/errors";

/** Files of one folder: 64 MiB each make 16 TB, and their list 60 MB. */
export const FILES_MAX = 250_000;
export const POINTS_MAX = 10_000;
const AGENTS_MAX = 1_000;
const VOLUMES_MAX = 1_000;
/** Of the manifest as it lies on the drive. */
export const MANIFEST_BYTES_MAX = 128 * 1024 * 1024;

/** What is signed begins with these words, so that no other signature of the pairing's key is one of a drive. */
const PURPOSE = "twincore/seed-drive/1\n";

const Hash = z.string().regex(/^[0-9a-f]{64}$/);
/** Below the drive's folder, in folders that this format knows: no name leads outside. */
const FileName = z.string().regex(/^(records|manifests|points)\/[0-9a-f-]{8,36}\.(records|manifest|json)(\.age)?$/);

export const DriveFile = z.object({
  name: FileName,
  number: z.number().int().positive(),
  kind: z.enum(["records", "manifest", "point"]),
  agentId: Id,
  recoveryPointId: Id,
  imageId: Id.nullable(),
  sizeBytes: Bytes,
  /** Of the file as it lies on the drive. */
  sha256: Hash,
  recordCount: z.number().int().nonnegative(),
});
export type DriveFile = z.infer<typeof DriveFile>;

export const DriveManifest = z.object({
  format: z.literal("twincore-seed-drive"),
  version: z.literal(1),
  driveId: Id,
  name: z.string().max(200),
  /** Which folder of the drive this is, from 1, and whether it is the last one. */
  position: z.number().int().positive().max(10_000),
  isLast: z.boolean(),
  sourceCoreId: Id,
  sourceName: z.string().max(253),
  /** The pairing's id on the source. */
  pairingId: Id,
  createdAt: Instant,
  writtenAt: Instant,
  /** Recovery points of the whole drive, all folders together. */
  pointsTotal: z.number().int().nonnegative().max(POINTS_MAX),
  agents: z
    .array(
      z.object({
        id: Id,
        name: z.string().max(253),
        hostName: z.string().max(253),
        points: z.number().int().nonnegative(),
        volumes: z
          .array(z.object({ id: Id, name: z.string().max(253), kind: z.enum(["folder", "image", "stream"]) }))
          .max(VOLUMES_MAX),
      }),
    )
    .min(1)
    .max(AGENTS_MAX),
  files: z.array(DriveFile).max(FILES_MAX),
});
export type DriveManifest = z.infer<typeof DriveManifest>;

const Signed = z.object({
  /** JSON of the manifest: signed as these very bytes. */
  manifest: z.string(),
  signature: z.base64(),
  certificate: z.string().max(8192),
});

export interface OpenedManifest {
  readonly manifest: DriveManifest;
  /** DER of the certificate whose key signed it. Says nothing by itself: the reader decides whether it counts. */
  readonly certificate: Buffer;
  /** SHA-256 of the signed bytes. */
  readonly digest: Buffer;
}

/** The manifest as it is written to a drive, signed with the key of the pairing's certificate. */
export function signManifest(
  manifest: DriveManifest,
  identity: { privatePem: string; certificatePem: string },
): Buffer {
  const text = JSON.stringify(DriveManifest.parse(manifest));
  const signature = sign("sha256", signedBytes(text), createPrivateKey(identity.privatePem)).toString("base64");
  const certificate = identity.certificatePem;
  return Buffer.from(`${JSON.stringify({ manifest: text, signature, certificate }, null, 1)}\n`);
}

/** Reads a manifest whose signature fits the certificate beside it. Throws `integrity`. */
export function openSigned(bytes: Buffer): OpenedManifest {
  const signed = parsed(Signed, bytes.toString("utf8"));
  const certificate = parseCertificate(signed.certificate);
  const text = signedBytes(signed.manifest);
  if (!certificate || !isSigned(text, certificate.publicKey, signed.signature))
    throw integrity(
      "The signature of this seed drive does not fit what it says: it was altered. Nothing was taken over.",
    );
  const manifest = parsed(DriveManifest, signed.manifest);
  return { manifest, certificate: Buffer.from(certificate.raw), digest: createHash("sha256").update(text).digest() };
}

function isSigned(text: Buffer, key: Parameters<typeof verify>[2], signature: string): boolean {
  try {
    return verify("sha256", text, key, Buffer.from(signature, "base64"));
  } catch {
    return false;
  }
}

const signedBytes = (text: string): Buffer => Buffer.from(PURPOSE + text);

function parsed<T extends z.ZodType>(schema: T, text: string): z.output<T> {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw integrity("This is no manifest of a seed drive that this version can read. Nothing was taken over.", error);
  }
}

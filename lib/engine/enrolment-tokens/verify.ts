import "server-only";
import { clearAttempts, takeAttempt } from "@/lib/engine/accounts/throttle";
import type { EngineContext } from "@/lib/engine/context";
import { sha256 } from "@/lib/engine/trust";
import { parseCertificate, spkiOf } from "@/lib/engine/trust/x509";
import { TwincoreError } from "@/lib/errors";

/** Of one address in a quarter of an hour: nobody guesses 256 bits, but nobody shall make this core look all day either. */
const FREE_PER_ADDRESS = 20;

/**
 * The token that still counts: open, or used by the very key that shows it again because an answer was lost. Throws
 * unauthenticated, the same for any other, and too_many_requests.
 */
export async function verifyEnrolmentToken(
  ctx: EngineContext,
  input: { token: string; address: string; certificate: Buffer | null },
): Promise<{ tokenId: string; name: string }> {
  const attempts = `enrolment-address:${input.address.slice(0, 64)}`;
  await takeAttempt(ctx, attempts, FREE_PER_ADDRESS);
  const row = await ctx.db.prisma.enrolmentToken.findUnique({
    where: { hash: sha256(Buffer.from(input.token)) },
    include: { usedPairing: { select: { state: true, requestKeyDigest: true } } },
  });
  const certificate = input.certificate && parseCertificate(input.certificate);
  const key = certificate && Buffer.from(sha256(spkiOf(certificate)));
  const again = row?.usedPairing?.state === "established" && key?.equals(Buffer.from(row.usedPairing.requestKeyDigest));
  const open = row && !row.usedAt && !row.revokedAt && row.expiresAt > ctx.now();
  if (!row || !(open || again)) {
    ctx.log.warn({ address: input.address, requestId: ctx.requestId }, "an enrolment token was refused");
    throw new TwincoreError(
      "unauthenticated",
      "This enrolment token is wrong, was used, was revoked or has expired. Ask an administrator of this core for a new one.",
    );
  }
  await clearAttempts(ctx, attempts);
  return { tokenId: row.id, name: row.name };
}

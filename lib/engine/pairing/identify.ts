import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { loadAuthority, sha256 } from "@/lib/engine/trust";
import { parseCertificate, spkiOf } from "@/lib/engine/trust/x509";
import type { CertificateHolder } from "./caller";
import { isNoteDue, noteContact } from "./contact";

interface Certificate {
  pairing_id: string;
  peer_name: string;
  state: string;
  not_before: Date;
  not_after: Date;
  revoked_at: Date | null;
  registered: boolean;
  last_contact_at: Date | null;
}

const NO_CERTIFICATE = "This core answers to client certificates only. Show the one of your pairing.";
const UNKNOWN = "This core does not know your certificate. Send a pairing request first.";

/** Who holds the key that a TLS connection proved. Asks the database each time: what was ended a moment ago is ended. */
export async function identifyPeer(
  ctx: EngineContext,
  input: { certificate: Buffer | null; address: string },
): Promise<CertificateHolder> {
  const { address } = input;
  const anonymous = { standing: "anonymous", pairingId: null, name: "", address } as const;
  const parsed = input.certificate ? parseCertificate(input.certificate) : null;
  if (!input.certificate || !parsed) return { ...anonymous, certificate: null, reason: NO_CERTIFICATE };
  const certificate = input.certificate;
  const issued = await findIssued(ctx, certificate);
  if (!issued) return byKey(ctx, { ...anonymous, certificate, reason: UNKNOWN }, spkiOf(parsed));
  const { pairing_id: pairingId, peer_name: name } = issued;
  if (issued.state === "deleted")
    return { standing: "ended", pairingId, name, address, certificate, reason: "This pairing was ended." };
  const ours = issued.registered || parsed.verify((await loadAuthority(ctx.db)).certificate.publicKey);
  const reason = ours ? whyNot(issued, ctx.now()) : UNKNOWN;
  if (reason === null && isNoteDue(issued.last_contact_at, ctx.now())) await noteContact(ctx, pairingId);
  if (reason === null) return { standing: "paired", pairingId, name, address, certificate, reason: "" };
  return { ...anonymous, certificate, reason };
}

async function findIssued(ctx: EngineContext, certificate: Buffer): Promise<Certificate | undefined> {
  const { rows } = await ctx.db.pool.query<Certificate>(
    `select pairing.id as pairing_id, peer_name, state::text, not_before, not_after, revoked_at, registered,
       last_contact_at
     from pairing_certificate join pairing on pairing.id = pairing_certificate.pairing_id
     where fingerprint = $1 and side = 'target'`,
    [Buffer.from(sha256(certificate))],
  );
  return rows[0];
}

/** Why a certificate of ours does not count now; null when it does. */
function whyNot(issued: Certificate, now: Date): string | null {
  if (issued.state !== "established") return "This pairing is not established.";
  if (issued.revoked_at) return "Your certificate was withdrawn.";
  if (issued.not_before > now) return "Your certificate is not valid yet: the clock of one of the two cores is wrong.";
  if (issued.not_after <= now) return "Your certificate has lapsed. Send a new pairing request.";
  return null;
}

/** A key that asked for pairing may learn what became of that, whatever certificate carries it. */
async function byKey(ctx: EngineContext, anonymous: CertificateHolder, spki: Buffer): Promise<CertificateHolder> {
  const { rows } = await ctx.db.pool.query<{ id: string; peer_name: string; state: string }>(
    `select id, peer_name, state::text from pairing
     where request_key_digest = $1 and side = 'target' order by requested_at desc limit 1`,
    [Buffer.from(sha256(spki))],
  );
  const [row] = rows;
  if (!row) return anonymous;
  const ended = row.state === "deleted";
  return {
    ...anonymous,
    standing: ended ? "ended" : "pending",
    pairingId: row.id,
    name: row.peer_name,
    reason: ended ? "This pairing was ended." : "Your pairing request has no certificate yet that this core signed.",
  };
}

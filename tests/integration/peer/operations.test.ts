import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { createAccount } from "@/lib/engine/accounts";
import { deletePairing, sendPairingRequest } from "@/lib/engine/pairing";
import { loadCredentials } from "@/lib/engine/pairing/credentials";
import { importPrivateKey, issueLeaf, makeAuthority, makeKeyPair, makeSelfSigned, x509 } from "@/lib/engine/trust/x509";
import { dispatch } from "@/lib/peer/dispatch";
import { CERTIFICATE_HEADER } from "@/lib/peer/identity";
import { type AnyOperation, PEER_PREFIX } from "@/lib/peer/operation";
import { operations } from "@/lib/peer/operations";
import { pairCores, requestTo } from "../../support/pair";
import { PeerCore, withAgents } from "../../support/peer-core";

const DAY_MS = 24 * 3600_000;
const CALLERS = [
  "nobody",
  "stranger",
  "foreign CA",
  "rubbish",
  "pending",
  "self-signed over a paired key",
  "expired",
  "revoked",
  "ended",
] as const;
type Name = (typeof CALLERS)[number] | "paired" | "spent";
/** Callers that send a name and a password by Basic, beside whatever certificate stands behind the plus. */
const PASSWORDS = [
  "administrator",
  "administrator + paired",
  "engineer",
  "wrong password",
  "nobody's name",
  "NTLM",
] as const;
const PASSWORD = "a long enough password";

let target: PeerCore;
let attempts = 0;
/** A pairing of its own for callers that may end it. */
let spentId = "";
const certificates = new Map<Name, string>();

beforeAll(async () => {
  const source = await PeerCore.start("Harbour");
  target = await PeerCore.start("Vault");
  for (const role of ["administrator", "engineer"] as const)
    await createAccount(target.ctx(), { name: role, email: `${role}@example.com`, password: PASSWORD, role });
  const pem = async (id: string) => (await loadCredentials(source.ctx(), id)).cert;
  const held = async () => {
    const pair = await pairCores(source, target);
    return { ...pair, pem: await pem(pair.sourceId) };
  };
  const [paired, revoked, ended, lapsed] = [await held(), await held(), await held(), await held()];
  const copied = await held();
  spentId = copied.targetId;
  const { agentIds } = await withAgents(source, ["more"]);
  const waiting = await sendPairingRequest(source.ctx(), requestTo(target.url, agentIds));
  await target.db.prisma.pairingCertificate.updateMany({
    where: { pairingId: revoked.targetId },
    data: { revokedAt: new Date() },
  });
  await target.db.prisma.pairingCertificate.updateMany({
    where: { pairingId: lapsed.targetId },
    data: { notAfter: new Date(Date.now() - DAY_MS) },
  });
  await deletePairing(target.ctx(), { id: ended.targetId });
  const { keys, privatePem } = await makeKeyPair();
  const foreign = await makeAuthority("Twincore CA Vault", new Date());
  const signer = {
    certificate: new x509.X509Certificate(foreign.pem),
    key: await importPrivateKey(foreign.privatePem),
  };
  const byForeign = await issueLeaf({
    signer,
    publicKey: keys.publicKey,
    name: "Harbour",
    use: "client",
    now: new Date(),
  });
  const { certificateRequestPem } = await source.db.prisma.pairing.findUniqueOrThrow({
    where: { id: copied.sourceId },
  });
  const pairedKey = new x509.Pkcs10CertificateRequest(certificateRequestPem ?? "").publicKey;
  const overPairedKey = await issueLeaf({
    signer,
    publicKey: pairedKey,
    name: "Harbour",
    use: "client",
    now: new Date(),
  });
  expect(privatePem).toContain("PRIVATE KEY");
  certificates
    .set("stranger", await makeSelfSigned(keys, "Harbour", new Date()))
    .set("foreign CA", byForeign.toString("pem"))
    .set("pending", await pem(waiting.id))
    .set("self-signed over a paired key", overPairedKey.toString("pem"))
    .set("expired", lapsed.pem)
    .set("revoked", revoked.pem)
    .set("ended", ended.pem)
    .set("paired", paired.pem)
    .set("spent", copied.pem)
    .set("rubbish", Buffer.from("rubbish").toString("base64"));
});

const der = (pem: string) => pem.replaceAll(/-----[A-Z ]+-----|\s/g, "");

function request(path: string, method: string, caller: Name, body?: string): Request {
  const certificate = certificates.get(caller);
  const headers = new Headers({ "content-type": "application/json" });
  if (certificate) headers.set(CERTIFICATE_HEADER, der(certificate));
  return new Request(`https://core${path}`, { method, headers, body });
}

const serve = (made: Request, role = "peer") =>
  dispatch(made, { role, context: (actor, requestId) => ({ ...target.ctx(actor), requestId }) });
const pathOf = (row: AnyOperation) =>
  PEER_PREFIX + (row.path.split("?")[0] ?? "").replaceAll(/\{\w+\}/g, () => randomUUID());
const bodyFor = (row: AnyOperation) => (row.method === "GET" || row.method === "DELETE" ? undefined : "{}");
const call = (row: AnyOperation, caller: Name, role?: string) =>
  serve(request(pathOf(row), row.method, caller, bodyFor(row)), role);

function headerOf(who: (typeof PASSWORDS)[number]): string {
  const basic = (name: string, password: string) => `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`;
  switch (who) {
    case "administrator":
    case "administrator + paired":
      return basic("administrator@example.com", PASSWORD);
    case "engineer":
      return basic("engineer@example.com", PASSWORD);
    case "wrong password":
      return basic("administrator@example.com", "wrong");
    case "nobody's name":
      return basic(`nobody-${attempts++}@example.com`, PASSWORD);
    default:
      return "NTLM TlRMTVNTUAABAAAA";
  }
}

describe.each(operations.map((row) => [row.name, row] as const))("%s", (_, row) => {
  it("has a handler that loads", async () => {
    expect(await row.handler()).toBeTypeOf("function");
  });

  it.each(CALLERS)("answers the caller %s as its row says", async (caller) => {
    const known = caller === "pending" || caller === "ended" || caller === "self-signed over a paired key";
    const admitted = row.auth === "anyone" || (row.auth === "pending" && known);
    const response = await call(row, caller);
    const fault = response.status >= 400 ? await response.json() : null;
    // RequestPairing itself wants a certificate; everything else that is admitted gets past 401.
    if (!admitted)
      expect(fault).toMatchObject({ code: "unauthenticated", failureReason: { message: expect.any(String) } });
    else if (row.name !== "RequestPairing") expect(response.status).not.toBe(401);
  });

  it.each(PASSWORDS)("answers the caller %s as its row says", async (who) => {
    const { prisma } = target.db;
    // Each row guesses anew: how often one may guess is tested where it is decided.
    await prisma.throttle.deleteMany();
    await prisma.pairing.update({ where: { id: spentId }, data: { state: "established" } });
    await prisma.pairingCertificate.updateMany({ where: { pairingId: spentId }, data: { revokedAt: null } });
    const made = request(pathOf(row), row.method, who.endsWith("paired") ? "spent" : "nobody", bodyFor(row));
    made.headers.set("authorization", headerOf(who));
    const response = await serve(made);
    const admitted: AnyOperation["auth"][] = ["anyone", "administrator", "enrolling"];
    if (who.endsWith("paired")) admitted.push("pending", "paired", "paired-administrator");
    if (who === "engineer") expect(response.status).toBe(403);
    else if (!who.startsWith("administrator") || !admitted.includes(row.auth))
      expect(await response.json()).toMatchObject({ code: "unauthenticated" });
    // RequestPairing and DemandPairing themselves want the certificate of a core.
    else if (!/^(Request|Demand)Pairing$/.test(row.name)) expect([401, 403]).not.toContain(response.status);
  });

  it("does not exist on any other listener, whatever the header says", async () => {
    for (const role of ["web", "worker", "core"]) expect((await call(row, "paired", role)).status).toBe(404);
  });

  it("refuses another method with 405 and the methods it takes", async () => {
    const response = await serve(request(pathOf(row), "PATCH", "paired", "{}"));
    expect(response.status).toBe(405);
    expect((await response.json()).failureReason.message).toContain(row.method);
  });
});

describe("the table", () => {
  it("admits a paired core", async () => {
    for (const row of operations.filter(
      (each) => each.name === "GetCoreSummaryInfo" || each.name === "GetRepositories",
    ))
      expect(await (await call(row, "paired")).json()).not.toHaveProperty("failureReason");
  });

  it("names every operation once, and every address once", () => {
    const current = operations.filter((row) => !row.isOldSpelling);
    expect(new Set(current.map((row) => row.name)).size).toBe(current.length);
    expect(new Set(operations.map((row) => `${row.method} ${row.path}`)).size).toBe(operations.length);
  });

  it.each([
    ["a trailing slash", "/apprecovery/api/core/replicationcomms/slave/core/summary/"],
    ["another letter case", "/AppRecovery/API/Core/ReplicationComms/Slave/CORE/Summary"],
  ])("is found in spite of %s", async (_, path) => {
    expect((await serve(request(path, "GET", "paired"))).status).toBe(200);
  });

  it.each([
    `${PEER_PREFIX}/slave/nonsense`,
    PEER_PREFIX,
    "/apprecovery/api/core/other",
    "/apprecovery/api/core/replicationcommsslave/core/summary",
  ])("answers %s with a fault of its own: no such operation", async (path) => {
    const response = await serve(request(path, "GET", "paired"));
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: "not_found", requestId: expect.any(String) });
  });

  it("an address that is no address is refused, not a failure inside", async () => {
    expect((await serve(request(`${PEER_PREFIX}/slave/agents/%ff`, "GET", "paired"))).status).toBe(400);
  });
});

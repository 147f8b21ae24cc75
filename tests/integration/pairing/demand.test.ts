import { randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createAccount } from "@/lib/engine/accounts/create";
import { createEnrolmentToken, listEnrolmentTokens, revokeEnrolmentToken } from "@/lib/engine/enrolment-tokens";
import {
  approvePairing,
  deletePairing,
  demandPairing,
  getPairing,
  listPairings,
  probePeer,
} from "@/lib/engine/pairing";
import type { PeerCredentials } from "@/lib/engine/pairing/gateway";
import { makeCertificateRequest, makeKeyPair, makeSelfSigned } from "@/lib/engine/trust/x509";
import { peerClient } from "@/lib/peer/client";
import { peerGateway } from "@/lib/peer/gateway";
import { getReplicatedAgents } from "@/lib/peer/operations/agents";
import { demandPairing as demand, requestPairing, syncPairingStatus } from "@/lib/peer/operations/pairing";
import { PeerCore, withAgents } from "../../support/peer-core";

let source: PeerCore;
let target: PeerCore;
let mallory: PeerCore;
let agentIds: string[];
let repositoryId: string;
const EMAIL = "anna@example.com";
const PASSWORD = "correct horse battery staple";
const BASIC = `Basic ${Buffer.from(`${EMAIL}:${PASSWORD}`).toString("base64")}`;

beforeAll(async () => {
  source = await PeerCore.start("Harbour");
  target = await PeerCore.start("Vault");
  mallory = await PeerCore.start("Vault");
  const account = { name: "Anna", email: EMAIL, password: PASSWORD, role: "administrator" } as const;
  await createAccount(target.ctx(), account);
  ({ repositoryId } = await withAgents(target, []));
});
beforeEach(async () => {
  await target.db.prisma.agent.deleteMany({ where: { pairingId: { not: null } } });
  for (const core of [source, target]) {
    await core.db.prisma.enrolmentToken.deleteMany();
    await core.db.prisma.pairing.deleteMany();
    await core.db.prisma.throttle.deleteMany();
    await core.db.prisma.sealedKey.deleteMany({ where: { name: { startsWith: "pairing:" } } });
    core.jobs = [];
  }
  ({ agentIds } = await withAgents(source, ["db", "files"]));
});

const made = (name = "fleet") =>
  createEnrolmentToken(target.ctx(), { name, tenantId: null, repositoryId, quotaBytes: 1000, expiresInHours: 1 });
const byToken = (token: string, targetUrl = target.url, ids = agentIds) =>
  demandPairing(source.ctx(), { targetUrl, agentIds: ids, contactEmail: "", customerId: "", token });
const byAdministrator = (expectedFingerprint: string, password = PASSWORD, targetUrl = target.url) =>
  demandPairing(source.ctx(), {
    targetUrl,
    agentIds,
    contactEmail: "",
    customerId: "",
    administrator: { email: EMAIL, password, expectedFingerprint },
  });
const targets = async () => (await listPairings(target.ctx(), { side: "target", limit: 10 })).items;

const asText = (value: unknown) => JSON.stringify(value, (_, each) => (typeof each === "bigint" ? `${each}` : each));

/** A client of the protocol with a key of its own. */
async function stranger() {
  const { keys, privatePem } = await makeKeyPair();
  const cert = await makeSelfSigned(keys, "Stranger", new Date());
  const client = peerClient({ baseUrl: target.url, tls: { key: privatePem, cert, ca: "first-contact" } });
  const version = { _Major: 1, _Minor: 0, _Build: 0, _Revision: 0 };
  const masterCoreInfo = { hostName: "Stranger", id: randomUUID(), version };
  const certificateRequest = await makeCertificateRequest(keys, "Stranger");
  const agents = [{ agentInfo: { id: randomUUID(), displayName: "db" } }];
  return { client, key: privatePem, cert, input: { masterCoreInfo, certificateRequest, agents } };
}

describe("an enrolment token", () => {
  it("pairs a core at once: agents in the token's repository, a certificate in use, replication begun", async () => {
    const { token, id } = await made();
    const paired = await byToken(token);
    expect(paired).toMatchObject({ side: "source", state: "established", way: "token", peerName: "Vault" });
    expect(source.jobs.map(({ name }) => name)).toEqual(["run-replication", "run-replication"]);
    const [there] = await targets();
    expect(there).toMatchObject({
      state: "established",
      way: "token",
      enrolmentToken: { id, name: "fleet" },
      decidedBy: "token:fleet",
      tenant: { name: expect.stringContaining("Harbour") },
      wantedAgents: [
        { name: "db", approved: true, repository: { id: repositoryId }, quotaBytes: 1000 },
        { name: "files", approved: true },
      ],
      certificates: [{ isRegistered: false }],
    });
    const { items } = await listEnrolmentTokens(target.ctx(), { limit: 10 });
    expect(items).toMatchObject([{ id, state: "used", usedPairing: { id: there?.id, name: "Harbour" } }]);
    await source.runPolls();
    expect(await getPairing(source.ctx(), { id: paired.id })).toMatchObject({ state: "established" });
  });

  it("is kept as a hash, and shown by no list", async () => {
    const { token } = await made();
    const rows = asText(await target.db.prisma.enrolmentToken.findMany());
    expect(rows).not.toContain(token);
    expect(JSON.stringify(await listEnrolmentTokens(target.ctx(), { limit: 10 }))).not.toContain(token.slice(4, 30));
    expect(asText(await target.db.prisma.auditEntry.findMany())).not.toContain(token.slice(4, 30));
  });

  it("is good for one core, also when several come with it at the same moment", async () => {
    const { token } = await made();
    const cores = await Promise.all([stranger(), stranger(), stranger(), stranger()]);
    const answers = await Promise.allSettled(
      cores.map(({ client, input }) => client.call(demand, input, { authorization: `Bearer ${token}` })),
    );
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const answer of answers)
      if (answer.status === "rejected") expect(answer.reason).toMatchObject({ code: "unauthenticated" });
    expect(await targets()).toHaveLength(1);
    for (const { client } of cores) client.close();
  });

  it("answers the same core again with the same certificate when an answer was lost", async () => {
    const { token } = await made();
    const { client, input } = await stranger();
    const first = await client.call(demand, input, { authorization: `Bearer ${token}` });
    const again = await client.call(demand, input, { authorization: `Bearer ${token}` });
    expect(again).toEqual(first);
    expect(await targets()).toHaveLength(1);
    client.close();
  });

  it.each([
    ["revoked", (id: string) => revokeEnrolmentToken(target.ctx(), { id })],
    [
      "expired",
      (id: string) => target.db.prisma.enrolmentToken.update({ where: { id }, data: { expiresAt: new Date() } }),
    ],
  ])("that is %s pairs nobody, and nothing is kept", async (_, spoil) => {
    const { token, id } = await made();
    await spoil(id);
    await expect(byToken(token)).rejects.toMatchObject({ code: "unauthenticated" });
    expect(await targets()).toEqual([]);
    expect(await source.db.prisma.pairing.count()).toBe(0);
    expect(await source.db.prisma.sealedKey.count({ where: { name: { startsWith: "pairing:" } } })).toBe(0);
  });

  it("is not sent to a machine that did not make it", async () => {
    const { token } = await made();
    await expect(byToken(token, mallory.url)).rejects.toMatchObject({
      code: "integrity",
      message: expect.stringContaining("was not sent"),
    });
    await expect(byToken("tc_something")).rejects.toMatchObject({ code: "invalid_input" });
    expect(await source.db.prisma.pairing.count()).toBe(0);
  });

  it("stays open when the demand is refused, and does not tell whose an agent is", async () => {
    const { token } = await made();
    const first = await byToken(token);
    await target.db.prisma.enrolmentToken.deleteMany();
    const { token: other, id } = await made("other");
    const { client, input } = await stranger();
    const agents = [{ agentInfo: { id: agentIds[0] ?? "", displayName: "mine" } }];
    const refused = await client
      .call(demand, { ...input, agents }, { authorization: `Bearer ${other}` })
      .catch((error: Error) => error.message);
    expect(refused).toContain("cannot take one of these agents");
    const { items } = await listEnrolmentTokens(target.ctx(), { limit: 10 });
    expect(items).toMatchObject([{ id, state: "open" }]);
    expect(first.state).toBe("established");
    client.close();
  });

  it("wrong ones are slowed down by address", async () => {
    const { client, input } = await stranger();
    const codes: string[] = [];
    for (let i = 0; i < 21; i++)
      codes.push(
        await client
          .call(demand, input, { authorization: `Bearer tce_${i}` })
          .then(String, (error: { code: string }) => error.code),
      );
    expect(codes[0]).toBe("unauthenticated");
    expect(codes.at(-1)).toBe("too_many_requests");
    client.close();
  });
});

describe("an administrator's name and password", () => {
  it("pair a core at once after its fingerprint was confirmed", async () => {
    const probed = await probePeer(source.ctx(), { targetUrl: target.url });
    expect(probed).toMatchObject({ name: "Vault", caFingerprint: expect.stringMatching(/^[0-9A-F:]{95}$/) });
    const paired = await byAdministrator(probed.caFingerprint);
    expect(paired).toMatchObject({ state: "established", way: "demand" });
    expect(await targets()).toMatchObject([{ way: "demand", decidedBy: `account:${EMAIL}`, state: "established" }]);
  });

  it("are not sent to another machine than the one that was confirmed", async () => {
    const sent: string[] = [];
    const peers = {
      open: (credentials: PeerCredentials) => {
        const real = peerGateway.open(credentials);
        return Object.assign(Object.create(real), {
          demandPairing: async (_: unknown, authorization: string) => {
            sent.push(authorization);
            throw new Error("sent");
          },
        });
      },
    };
    const { caFingerprint } = await probePeer(source.ctx(), { targetUrl: target.url });
    const input = { targetUrl: mallory.url, agentIds, contactEmail: "", customerId: "" };
    const administrator = { email: EMAIL, password: PASSWORD, expectedFingerprint: caFingerprint };
    await expect(demandPairing({ ...source.ctx(), peers }, { ...input, administrator })).rejects.toMatchObject({
      code: "integrity",
    });
    expect(sent).toEqual([]);
  });

  it("that are wrong leave nothing behind", async () => {
    const { caFingerprint } = await probePeer(source.ctx(), { targetUrl: target.url });
    await expect(byAdministrator(caFingerprint, "wrong")).rejects.toMatchObject({ code: "unauthenticated" });
    expect(await targets()).toEqual([]);
    expect(await source.db.prisma.pairing.count()).toBe(0);
  });

  it("when the answer is lost, the source finds out by itself that it is paired", async () => {
    const peers = {
      open: (credentials: PeerCredentials) => {
        const real = peerGateway.open(credentials);
        return {
          ...real,
          demandPairing: async (...given: Parameters<typeof real.demandPairing>) => {
            await real.demandPairing(...given);
            throw new Error("the connection broke");
          },
          get chain() {
            return real.chain;
          },
        };
      },
    };
    const { token } = await made();
    const input = { targetUrl: target.url, agentIds, contactEmail: "", customerId: "", token };
    const lost = await demandPairing({ ...source.ctx(), peers }, input);
    expect(lost.state).toBe("pending");
    await source.runPolls();
    expect(await getPairing(source.ctx(), { id: lost.id })).toMatchObject({ state: "established", way: "token" });
  });

  it("with the pairing ended, a new demand goes on with the agents in their tenant and repository", async () => {
    const { caFingerprint } = await probePeer(source.ctx(), { targetUrl: target.url });
    await byAdministrator(caFingerprint);
    const [first] = await targets();
    await deletePairing(target.ctx(), { id: first?.id ?? "" });
    await byAdministrator(caFingerprint);
    const [second] = await targets();
    expect(second).toMatchObject({ state: "established", tenant: first?.tenant });
    expect(second?.id).not.toBe(first?.id);
  });
});

describe("a client of the original contract, which brings its own certificate", () => {
  it("pairs by demand and is known by that certificate from then on, until the pairing ends", async () => {
    const { client, cert, input } = await stranger();
    const brought = { ...input, certificateRequest: undefined, clientCertificate: cert };
    const answer = await client.call(demand, brought, { authorization: BASIC });
    expect(answer.certificate.replaceAll(/\s/g, "")).toBe(cert.replaceAll(/\s/g, ""));
    expect(await client.call(getReplicatedAgents, {})).toHaveProperty("agents");
    const [there] = await targets();
    expect(there?.certificates).toMatchObject([{ isRegistered: true }]);
    await deletePairing(target.ctx(), { id: there?.id ?? "" });
    await expect(client.call(getReplicatedAgents, {})).rejects.toMatchObject({ code: "unauthenticated" });
    await client.call(demand, brought, { authorization: BASIC });
    expect(await client.call(getReplicatedAgents, {})).toHaveProperty("agents");
    client.close();
  });

  it("is refused with a certificate over another key than its connection's, and with one that is none", async () => {
    const [one, other] = [await stranger(), await stranger()];
    for (const clientCertificate of [other.cert, "rubbish"])
      await expect(
        one.client.call(
          demand,
          { ...one.input, certificateRequest: undefined, clientCertificate },
          { authorization: BASIC },
        ),
      ).rejects.toMatchObject({ code: "invalid_input" });
    expect(await targets()).toEqual([]);
    one.client.close();
    other.client.close();
  });

  it("by request it is let in by the fingerprint that people compared, and not without", async () => {
    const { client, cert, input } = await stranger();
    const der = cert.replaceAll(/-----[A-Z ]+-----|\s/g, "");
    const agents = input.agents.map(({ agentInfo }) => agentInfo);
    await client.call(requestPairing, { masterCoreInfo: input.masterCoreInfo, clientCertificate: der, agents });
    const [waiting] = await targets();
    expect(waiting).toMatchObject({
      verificationCode: "",
      certificateFingerprint: expect.stringMatching(/^[0-9A-F:]{95}$/),
    });
    const approval = {
      id: waiting?.id ?? "",
      agents: agents.map(({ id }) => ({ agentId: id, repositoryId, quotaBytes: null })),
      rateCapBytesPerSecond: null,
    };
    await expect(approvePairing(target.ctx(), approval)).rejects.toMatchObject({ code: "conflict" });
    const comparedFingerprint = waiting?.certificateFingerprint ?? "";
    await approvePairing(target.ctx(), { ...approval, comparedFingerprint });
    expect(await client.call(syncPairingStatus, {})).toMatchObject({ pairingState: "Established" });
    expect(await client.call(getReplicatedAgents, {})).toHaveProperty("agents");
    client.close();
  });
});

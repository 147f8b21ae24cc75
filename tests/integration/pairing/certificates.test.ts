import { X509Certificate } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { deletePairing, getPairing, renewCertificates } from "@/lib/engine/pairing";
import { loadCredentials } from "@/lib/engine/pairing/credentials";
import { pollPairing } from "@/lib/engine/pairing/poll";
import { renewCertificate } from "@/lib/engine/pairing/renew";
import { peerClient } from "@/lib/peer/client";
import { connectPeer } from "@/lib/peer/connect";
import { getReplicatedAgents } from "@/lib/peer/operations/agents";
import { syncPairingStatus } from "@/lib/peer/operations/pairing";
import { type Pair, pairCores } from "../../support/pair";
import { PeerCore } from "../../support/peer-core";

const DAY_MS = 24 * 3600_000;
let source: PeerCore;
let target: PeerCore;
let pair: Pair;

beforeEach(async () => {
  [source, target] = await Promise.all([PeerCore.start("Harbour"), PeerCore.start("Vault")]);
  pair = await pairCores(source, target);
});

const certificateOf = async () => new X509Certificate((await loadCredentials(source.ctx(), pair.sourceId)).cert);
const ask = (credentials: { url: string; key: string; cert: string; ca: string }) => {
  const client = peerClient({ baseUrl: credentials.url, tls: credentials });
  return client.call(getReplicatedAgents, {}).finally(() => client.close());
};
const credentials = async () => {
  const { ca, ...rest } = await loadCredentials(source.ctx(), pair.sourceId);
  return { ...rest, ca };
};

describe("the certificate of a pairing", () => {
  it("is short-lived, for TLS clients only, and over the key that asked", async () => {
    const certificate = await certificateOf();
    const days = (Date.parse(certificate.validTo) - Date.now()) / DAY_MS;
    expect(days).toBeGreaterThan(29);
    expect(days).toBeLessThan(31);
    expect(certificate.ca).toBe(false);
    expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
  });

  it("is left alone in the first two thirds of its life and renewed in the last, over the existing channel", async () => {
    const first = await certificateOf();
    source.aheadMs = target.aheadMs = 15 * DAY_MS;
    await renewCertificates(source.ctx());
    expect((await certificateOf()).fingerprint256).toBe(first.fingerprint256);
    source.aheadMs = target.aheadMs = 22 * DAY_MS;
    await renewCertificates(source.ctx());
    const second = await certificateOf();
    expect(second.fingerprint256).not.toBe(first.fingerprint256);
    expect(second.publicKey.equals(first.publicKey)).toBe(false);
    expect((await getPairing(source.ctx(), { id: pair.sourceId })).certificateNotAfter).toBe(
      new Date(second.validTo).toISOString(),
    );
  });

  it("that cannot be renewed is spoken of from half its life on, with the days that are left", async () => {
    await target.stopListening();
    const messageAfter = async (days: number) => {
      source.aheadMs = days * DAY_MS;
      await renewCertificates(source.ctx());
      return (await getPairing(source.ctx(), { id: pair.sourceId })).message;
    };
    expect(await messageAfter(10)).toBe("");
    expect(await messageAfter(16.5)).toContain("in 13 days");
    expect(await messageAfter(28.5)).toContain("in 1 day,");
    expect(await messageAfter(31)).toContain("lapsed");
  });

  it("old and new both work until the old one's end; then only the new", async () => {
    const old = await credentials();
    source.aheadMs = target.aheadMs = 22 * DAY_MS;
    await renewCertificate(source.ctx(), { pairingId: pair.sourceId });
    const renewed = await credentials();
    expect(await ask(old)).toHaveProperty("agents");
    expect(await ask(renewed)).toHaveProperty("agents");
    target.aheadMs = 31 * DAY_MS;
    await expect(ask(old)).rejects.toMatchObject({
      code: "unauthenticated",
      message: expect.stringContaining("lapsed"),
    });
    expect(await ask(renewed)).toHaveProperty("agents");
  });

  it("however often an answer to a renewal is lost, at most two certificates count", async () => {
    const old = await credentials();
    for (let lost = 0; lost < 3; lost++) {
      const kept = await credentials();
      await renewCertificate(source.ctx(), { pairingId: pair.sourceId });
      if (lost < 2) {
        // The source never saw the answer: it still has what it had.
        const { saveKey } = await import("@/lib/engine/trust/sealed-keys");
        await saveKey(source.db.prisma, source.secret, `pairing:${pair.sourceId}`, {
          privatePem: kept.key,
          certificatePem: kept.cert,
        });
      }
    }
    expect(await ask(old)).toHaveProperty("agents");
    expect(await ask(await credentials())).toHaveProperty("agents");
    expect(await target.db.prisma.pairingCertificate.count({ where: { revokedAt: null } })).toBe(2);
  });

  it("a renewal that fails leaves the pairing as it is and says so before its end", async () => {
    await target.stopListening();
    source.aheadMs = 25 * DAY_MS;
    await renewCertificates(source.ctx());
    const pairing = await getPairing(source.ctx(), { id: pair.sourceId });
    expect(pairing.state).toBe("established");
    expect(pairing.message).toContain("could not be renewed: Nothing listens");
    await target.listen();
    target.aheadMs = source.aheadMs;
    await renewCertificates(source.ctx());
    expect((await getPairing(source.ctx(), { id: pair.sourceId })).message).toBe("");
  });
});

describe("unpairing", () => {
  it("on the target takes effect at the source's next request, on a connection that is open already", async () => {
    const client = await connectPeer(source.ctx(), pair.sourceId);
    expect(await client.call(getReplicatedAgents, {})).toHaveProperty("agents");
    await deletePairing(target.ctx(), { id: pair.targetId });
    await expect(client.call(getReplicatedAgents, {})).rejects.toMatchObject({
      code: "unauthenticated",
      message: expect.stringContaining("ended"),
    });
    expect((await client.call(syncPairingStatus, {})).pairingState).toBe("Deleted");
    client.close();
  });

  it("on the target is learned by the source when it asks, and ends its sessions", async () => {
    await deletePairing(target.ctx(), { id: pair.targetId });
    await pollPairing(source.ctx({ kind: "job", name: "poll-pairing" }), { pairingId: pair.sourceId });
    expect(await getPairing(source.ctx(), { id: pair.sourceId })).toMatchObject({
      state: "deleted",
      message: "Ended by the other core.",
    });
    const sessions = await source.db.prisma.replicationSession.findMany();
    expect(sessions.map((session) => session.state)).toEqual(["ended"]);
    expect(await source.db.prisma.sealedKey.count({ where: { name: { startsWith: "pairing:" } } })).toBe(0);
  });

  it("on the source takes effect at once here, and on the target as soon as it can be told", async () => {
    const old = await credentials();
    await target.stopListening();
    await deletePairing(source.ctx(), { id: pair.sourceId });
    await expect(connectPeer(source.ctx(), pair.sourceId)).rejects.toMatchObject({ code: "conflict" });
    await source.runPolls();
    expect(source.jobs.map((job) => job.name)).toContain("poll-pairing");
    await target.listen();
    await source.runPolls();
    expect((await getPairing(target.ctx(), { id: pair.targetId })).state).toBe("deleted");
    await expect(ask({ ...old, url: target.url })).rejects.toMatchObject({ code: "unauthenticated" });
    expect(await source.db.prisma.sealedKey.count({ where: { name: { startsWith: "pairing:" } } })).toBe(0);
    expect(source.jobs.filter((job) => job.name === "poll-pairing")).toEqual([]);
  });

  it("leaves agents and what they hold, on both cores", async () => {
    await deletePairing(target.ctx(), { id: pair.targetId });
    expect(await target.db.prisma.agent.count()).toBe(1);
    expect(await source.db.prisma.agent.count()).toBe(1);
  });

  it("twice is no error", async () => {
    await deletePairing(target.ctx(), { id: pair.targetId });
    expect((await deletePairing(target.ctx(), { id: pair.targetId })).state).toBe("deleted");
  });
});

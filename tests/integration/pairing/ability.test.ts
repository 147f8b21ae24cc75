import { randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createAccount } from "@/lib/engine/accounts/create";
import { PROTOCOL_VERSION } from "@/lib/engine/core";
import { deletePairing, getPairing, getPeerCredentials, sendPairingRequest } from "@/lib/engine/pairing";
import { loadCredentials } from "@/lib/engine/pairing/credentials";
import { peerClient } from "@/lib/peer/client";
import { PEER_PREFIX } from "@/lib/peer/operation";
import { startRemoteReplicationJob } from "@/lib/peer/operations/jobs";
import {
  getCoreId,
  getRepositories,
  syncPairingStatus,
  verifyReplicationCorePairingAbility,
} from "@/lib/peer/operations/pairing";
import { pairCores, requestTo } from "../../support/pair";
import { PeerCore, withAgents } from "../../support/peer-core";

let source: PeerCore;
let target: PeerCore;
const PASSWORD = "correct horse battery staple";
beforeAll(async () => {
  source = await PeerCore.start("Harbour");
  target = await PeerCore.start("Vault");
  const account = { name: "Anna", password: PASSWORD } as const;
  await createAccount(target.ctx(), { ...account, email: "anna@example.com", role: "administrator" });
  await createAccount(target.ctx(), { ...account, email: "olaf@example.com", role: "engineer" });
});
beforeEach(async () => {
  await target.db.prisma.throttle.deleteMany();
  for (const core of [source, target]) await core.db.prisma.pairing.deleteMany();
});

const basic = (email: string, password = PASSWORD) => `Basic ${Buffer.from(`${email}:${password}`).toString("base64")}`;
const anyone = () => peerClient({ baseUrl: target.url, tls: { key: "", cert: "", ca: "first-contact" } });
const version = { _Major: 1, _Minor: 0, _Build: 0, _Revision: 0 };
const core = (extra: Record<string, string | number | undefined> = {}) => ({
  hostName: "Harbour",
  id: randomUUID(),
  version,
  ...extra,
});

/** As an existing client asks: no certificate, whatever headers. */
async function ask(path: string, headers: Record<string, string> = {}) {
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
  try {
    const answer = await fetch(`${target.url}${PEER_PREFIX}${path}`, { headers });
    return { status: answer.status, text: await answer.text() };
  } finally {
    delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  }
}

async function targetId(): Promise<string> {
  return (await target.db.prisma.core.findFirstOrThrow()).id;
}

describe("GetCoreId", () => {
  it("tells anyone the id when no credentials are used, in the XML of existing clients", async () => {
    const answer = await ask("/slave/validate/?useCredentials=false");
    expect(answer.status).toBe(200);
    expect(answer.text).toContain(
      `<guid xmlns="http://schemas.microsoft.com/2003/10/Serialization/">${await targetId()}</guid>`,
    );
    const client = anyone();
    expect(await client.call(getCoreId, {})).toBe(await targetId());
    client.close();
  });

  it.each([
    ["nobody", undefined, 401],
    ["a wrong password", basic("anna@example.com", "wrong"), 401],
    ["an engineer", basic("olaf@example.com"), 403],
    ["an administrator", basic("anna@example.com"), 200],
  ])("with credentials answers %s", async (_, authorization, status) => {
    const headers: Record<string, string> = authorization ? { authorization } : {};
    expect((await ask("/slave/validate/?useCredentials=true", headers)).status).toBe(status);
  });
});

describe("GetRemoteMasterCoresForDemand", () => {
  it("tells an administrator the established sources, and nobody else", async () => {
    const { targetId: id } = await pairCores(source, target);
    const { items: own } = { items: await source.db.prisma.core.findMany() };
    const { agentIds } = await withAgents(source, ["waits"]);
    await sendPairingRequest(source.ctx(), requestTo(target.url, agentIds));
    expect((await ask("/slave/cores/masters")).status).toBe(401);
    const headers = { authorization: basic("anna@example.com"), accept: "application/json" };
    const answer = await ask("/slave/cores/masters", headers);
    expect(JSON.parse(answer.text)).toEqual({
      cores: [expect.objectContaining({ id: own[0]?.id, hostName: "Harbour", protocolVersion: PROTOCOL_VERSION })],
    });
    await deletePairing(target.ctx(), { id });
    expect(JSON.parse((await ask("/slave/cores/masters", headers)).text)).toEqual({ cores: [] });
  });
});

describe("VerifyReplicationCorePairingAbility", () => {
  const verify = async (input: Record<string, string | number | undefined>) => {
    const client = anyone();
    return client.call(verifyReplicationCorePairingAbility, core(input)).finally(() => client.close());
  };

  it("answers a core that may pair with who this one is, and changes nothing", async () => {
    expect(await verify({})).toMatchObject({
      id: await targetId(),
      hostName: "Vault",
      protocolVersion: PROTOCOL_VERSION,
    });
    expect(await target.db.prisma.pairing.count()).toBe(0);
  });

  it("a client that says no protocol version is one of the original contract, and welcome", async () => {
    expect(await verify({ protocolVersion: undefined })).toMatchObject({ hostName: "Vault" });
  });

  it.each([0, PROTOCOL_VERSION + 1])("refuses protocol version %s, and says which ones there are", async (said) => {
    await expect(verify({ protocolVersion: said })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(
        new RegExp(`“Harbour” speaks version ${said} .*“Vault” speaks version 1\\. Bring “`),
      ),
    });
  });

  it("refuses this core itself, a blocked core, credentials that did not come, and more requests than people can answer", async () => {
    await expect(verify({ id: await targetId() })).rejects.toMatchObject({ code: "invalid_input" });
    await expect(verify({ useCredentials: "true" })).rejects.toMatchObject({ code: "unauthenticated" });
    const blocked = randomUUID();
    const row = { side: "target", peerName: "x", verificationCode: "", requestKeyDigest: Buffer.alloc(32) } as const;
    const peerAddress = "127.0.0.1";
    await target.db.prisma.pairing.create({ data: { ...row, state: "blocked", peerCoreId: blocked, peerAddress } });
    await expect(verify({ id: blocked })).rejects.toMatchObject({ code: "forbidden" });
    await target.db.prisma.pairing.createMany({
      data: Array.from({ length: 5 }, () => ({ ...row, state: "pending" as const, peerAddress })),
    });
    await expect(verify({})).rejects.toMatchObject({ code: "too_many_requests" });
  });
});

describe("a paired core that was brought up to another protocol", () => {
  const too = PROTOCOL_VERSION + 1;
  const refusal = { code: "conflict", message: expect.stringContaining(`speaks version ${too}`) };

  it("is told so by SyncPairingStatus and StartRemoteReplicationJob, and heard again once it is back", async () => {
    const { sourceId, targetId: id, agentIds } = await pairCores(source, target);
    const credentials = await loadCredentials(source.ctx(), sourceId);
    const client = peerClient({ baseUrl: target.url, tls: credentials });
    const job = { agentId: agentIds[0] ?? "", masterJobId: randomUUID() };
    await expect(client.call(syncPairingStatus, { protocolVersion: too })).rejects.toMatchObject(refusal);
    await expect(client.call(startRemoteReplicationJob, job)).rejects.toMatchObject(refusal);
    expect(await getPairing(target.ctx(), { id })).toMatchObject({ protocol: { version: too, isSpoken: false } });
    await client.call(syncPairingStatus, { protocolVersion: PROTOCOL_VERSION });
    await expect(client.call(startRemoteReplicationJob, { ...job, protocolVersion: too })).rejects.toMatchObject(
      refusal,
    );
    expect(await client.call(startRemoteReplicationJob, { ...job, protocolVersion: PROTOCOL_VERSION })).toMatch(/-/);
    client.close();
  });

  it("is not called by its source either, whose page says why", async () => {
    const { sourceId } = await pairCores(source, target);
    const ctx = source.ctx();
    const { peers } = ctx;
    const ahead: typeof ctx = {
      ...ctx,
      peers: {
        open: (credentials) => {
          const real = peers?.open(credentials);
          if (!real) throw new Error("no gateway");
          return {
            ...real,
            syncPairingStatus: async (input) => {
              const status = await real.syncPairingStatus(input);
              const remoteCoreSummaryInfo = { ...status.remoteCoreSummaryInfo, protocolVersion: too };
              return { ...status, remoteCoreSummaryInfo };
            },
            get chain() {
              return real.chain;
            },
          };
        },
      },
    };
    const { pollPairing } = await import("@/lib/engine/pairing");
    await expect(pollPairing(ahead, { pairingId: sourceId })).rejects.toMatchObject({ code: "conflict" });
    expect(await getPairing(ctx, { id: sourceId })).toMatchObject({
      state: "established",
      message: expect.stringContaining(`“Vault” speaks version ${too}`),
      protocol: { version: too, isSpoken: false },
    });
    await expect(getPeerCredentials(ctx, { pairingId: sourceId })).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("a source that ends a pairing", () => {
  it.each([true, false])(
    "lets the target delete what it replicated only when it says so (%s)",
    async (deleteRecoveryPoints) => {
      const { sourceId, targetId: id } = await pairCores(source, target);
      target.jobs = [];
      await deletePairing(source.ctx(), { id: sourceId, deleteRecoveryPoints });
      await source.runPolls();
      const there = await getPairing(target.ctx(), { id });
      expect(there.state).toBe("deleted");
      expect(there.pointDeletion !== null).toBe(deleteRecoveryPoints);
      const asked = target.jobs.filter(({ name }) => name === "delete-replicated-points");
      expect(asked).toEqual(
        deleteRecoveryPoints ? [{ name: "delete-replicated-points", payload: { pairingId: id } }] : [],
      );
      const here = await getPairing(source.ctx(), { id: sourceId });
      expect(here.pointDeletion?.endedAt ?? null).toEqual(deleteRecoveryPoints ? expect.any(String) : null);
    },
  );
});

describe("existing spellings", () => {
  it("GET slave/pairing/status says what SyncPairingStatus says", async () => {
    const { sourceId } = await pairCores(source, target);
    const credentials = await loadCredentials(source.ctx(), sourceId);
    const client = peerClient({ baseUrl: target.url, tls: credentials });
    const { getPairingStatus } = await import("@/lib/peer/operations/pairing");
    expect(await client.call(getPairingStatus, {})).toMatchObject({ pairingState: "Established" });
    expect((await client.call(getRepositories, {})).repositories).toEqual([
      expect.objectContaining({ status: "Error", spec: { name: expect.any(String), comment: "" } }),
    ]);
    client.close();
  });
});

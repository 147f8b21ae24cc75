import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { listPairings, sendPairingRequest } from "@/lib/engine/pairing";
import type { PairingTarget, PeerCredentials } from "@/lib/engine/pairing/gateway";
import { makeCertificateRequest, makeKeyPair, makeSelfSigned } from "@/lib/engine/trust/x509";
import { peerGateway } from "@/lib/peer/gateway";
import { requestTo } from "../../support/pair";
import { PeerCore, withAgents } from "../../support/peer-core";

let source: PeerCore;
let target: PeerCore;
let mallory: PeerCore;
let agentIds: string[];

beforeAll(async () => {
  source = await PeerCore.start("Harbour");
  target = await PeerCore.start("Vault");
  mallory = await PeerCore.start("Vault");
  ({ agentIds } = await withAgents(source, ["db"]));
});
beforeEach(async () => {
  for (const core of [source, target, mallory]) await core.db.prisma.pairing.deleteMany();
});

const onlyPairing = async (core: PeerCore) => (await listPairings(core.ctx(), { limit: 10 })).items[0];

/** Keys and certificate of one who asks the real target in the source's name. */
async function impostor() {
  const { keys, privatePem } = await makeKeyPair();
  const cert = await makeSelfSigned(keys, "Harbour", new Date());
  return { key: privatePem, cert, csr: await makeCertificateRequest(keys, "Harbour") };
}

describe("a man in the middle", () => {
  it("who answers as the target and asks the target himself gets different codes on the two screens", async () => {
    const { agentIds: copied } = await withAgents(mallory, ["db"]);
    const sent = await sendPairingRequest(source.ctx(), requestTo(mallory.url, agentIds));
    await sendPairingRequest(mallory.ctx(), requestTo(target.url, copied));
    const shown = await onlyPairing(target);
    expect(shown?.verificationCode).toMatch(/^\w{4}-\w{4}$/);
    expect(shown?.verificationCode).not.toBe(sent.verificationCode);
  });

  it("who passes on the target's promise and share under his own keys is found out by the source, and nothing is kept", async () => {
    const { key, cert, csr } = await impostor();
    const toTarget = { url: target.url, key, cert, ca: "first-contact" as const };
    const between = (credentials: PeerCredentials): PairingTarget => {
      const his = peerGateway.open(toTarget);
      const shown = peerGateway.open({ ...credentials, url: mallory.url, ca: "first-contact" });
      return {
        requestPairing: async (input) => {
          await shown.requestPairing(input);
          return his.requestPairing({ ...input, certificateRequest: csr });
        },
        getCoreId: () => his.getCoreId(),
        verifyPairingAbility: (input) => his.verifyPairingAbility(input),
        demandPairing: (input, authorization) => his.demandPairing(input, authorization),
        syncPairingStatus: (input) => his.syncPairingStatus(input),
        deletePairing: (input) => his.deletePairing(input),
        verifyAddAgents: (input) => his.verifyAddAgents(input),
        addAgents: (input) => his.addAgents(input),
        getRepositories: () => his.getRepositories(),
        endReplications: (input) => his.endReplications(input),
        get chain() {
          return shown.chain;
        },
        close: () => {
          his.close();
          shown.close();
        },
      };
    };
    const ctx = { ...source.ctx(), peers: { open: between } };
    await expect(sendPairingRequest(ctx, requestTo(target.url, agentIds))).rejects.toMatchObject({ code: "integrity" });
    expect(await onlyPairing(source)).toBeUndefined();
  });

  it("cannot take over a request that was compared: only the CA of that moment is trusted", async () => {
    const sent = await sendPairingRequest(source.ctx(), requestTo(target.url, agentIds));
    const [realPort, falsePort] = [target.port, mallory.port];
    await Promise.all([target.stopListening(), mallory.stopListening()]);
    mallory.port = realPort;
    await mallory.listen();
    await source.runPolls();
    expect(await onlyPairing(source)).toMatchObject({
      id: sent.id,
      state: "pending",
      message: expect.stringContaining("not the core that this core is paired with"),
    });
    await mallory.stopListening();
    mallory.port = falsePort;
    await Promise.all([target.listen(), mallory.listen()]);
  });

  it("something that is no peer listener is refused as such", async () => {
    const chainless = { open: (credentials: PeerCredentials) => ({ ...peerGateway.open(credentials), chain: [] }) };
    const ctx = { ...source.ctx(), peers: chainless };
    const input = requestTo(target.url, agentIds);
    await expect(sendPairingRequest(ctx, input)).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("no peer listener"),
    });
  });
});

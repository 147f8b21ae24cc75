import { randomUUID } from "node:crypto";
import { request as httpsRequest } from "node:https";
import { beforeAll, describe, expect, it } from "vitest";
import { approvePairing, listPairings } from "@/lib/engine/pairing";
import { makeCertificateRequest, makeKeyPair, makeSelfSigned } from "@/lib/engine/trust/x509";
import { peerClient } from "@/lib/peer/client";
import { requestPairing, syncPairingStatus } from "@/lib/peer/operations/pairing";
import { PeerCore } from "../../support/peer-core";

let target: PeerCore;
beforeAll(async () => {
  target = await PeerCore.start("Vault");
});

async function stranger() {
  const { keys, privatePem } = await makeKeyPair();
  const cert = await makeSelfSigned(keys, "Stranger", new Date());
  const certificateRequest = await makeCertificateRequest(keys, "Stranger");
  const client = peerClient({ baseUrl: target.url, tls: { key: privatePem, cert, ca: "first-contact" } });
  return { client, certificateRequest, key: privatePem, cert };
}

const version = { _Major: 1, _Minor: 0, _Build: 0, _Revision: 0 };
const input = (certificateRequest: string) => ({
  masterCoreInfo: { hostName: "Stranger", id: randomUUID(), version },
  certificateRequest,
  agents: [{ id: randomUUID(), displayName: "db", hostName: "db", size: 1 }],
});

/** Raw, so that what the client would never send can be sent. */
function post(body: string | Buffer, options: { key?: string; cert?: string; headers?: Record<string, string> }) {
  return new Promise<{
    status: number;
    fault: { code: string; requestId: string; failureReason: { message: string } };
  }>((resolve, reject) => {
    const request = httpsRequest(
      `${target.url}/apprecovery/api/core/replicationcomms/slave/pairing/request`,
      {
        method: "POST",
        rejectUnauthorized: false,
        agent: false,
        ...options,
        headers: { accept: "application/json", ...options.headers },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, fault: JSON.parse(Buffer.concat(chunks).toString()) }),
        );
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

const reset = () => target.db.prisma.pairing.deleteMany().then(() => target.db.prisma.throttle.deleteMany());

describe("RequestPairing", () => {
  it("needs a client certificate", async () => {
    const { certificateRequest } = await stranger();
    const { status, fault } = await post(JSON.stringify(input(certificateRequest)), {});
    expect([status, fault.code]).toEqual([401, "unauthenticated"]);
  });

  it("refuses a certificate request over another key than the connection's, and one whose signature is wrong", async () => {
    const [one, other] = [await stranger(), await stranger()];
    await expect(one.client.call(requestPairing, input(other.certificateRequest))).rejects.toMatchObject({
      code: "invalid_input",
    });
    const [begin = "", ...rest] = one.certificateRequest.trim().split("\n");
    const der = Buffer.from(rest.slice(0, -1).join(""), "base64");
    der.writeUInt8(der.readUInt8(der.length - 1) ^ 1, der.length - 1);
    const forged = `${begin}\n${der.toString("base64")}\n${rest.at(-1)}`;
    await expect(one.client.call(requestPairing, input(forged))).rejects.toMatchObject({
      code: "invalid_input",
      message: expect.stringContaining("signature"),
    });
    await expect(one.client.call(requestPairing, input("rubbish"))).rejects.toMatchObject({ code: "invalid_input" });
    expect(await target.db.prisma.pairing.count()).toBe(0);
    one.client.close();
    other.client.close();
  });

  it.each([
    ["malformed JSON", "{", 400, "invalid_input"],
    ["a list", "[]", 400, "invalid_input"],
    ["nothing", "", 400, "invalid_input"],
    ["more than a mebibyte", Buffer.alloc(1024 * 1024 + 1, 0x20), 413, "too_large"],
  ])("answers %s with %s %s", async (_, body, status, code) => {
    const { key, cert, client } = await stranger();
    const answer = await post(body, { key, cert });
    expect([answer.status, answer.fault.code]).toEqual([status, code]);
    expect(answer.fault.requestId).not.toBe("");
    expect(answer.fault.failureReason.message).not.toBe("");
    client.close();
  });

  it("counts what a chunked body really holds, not what it declares", async () => {
    const { key, cert, client } = await stranger();
    const answer = await post(Buffer.alloc(2 * 1024 * 1024, 0x20), {
      key,
      cert,
      headers: { "transfer-encoding": "chunked" },
    });
    expect(answer.status).toBe(413);
    client.close();
  });

  it("a forged identity header changes nothing: the certificate of the connection counts", async () => {
    const { certificateRequest, cert, client } = await stranger();
    const der = cert.replaceAll(/-----[A-Z ]+-----|\s/g, "");
    const headers = { "x-twincore-peer-certificate": der, "content-type": "application/json" };
    const answer = await post(JSON.stringify(input(certificateRequest)), { headers });
    expect(answer.status).toBe(401);
    client.close();
  });

  it("asking again with the same key renews the request instead of adding one", async () => {
    const { client, certificateRequest } = await stranger();
    await client.call(requestPairing, { ...input(certificateRequest), comments: "first" });
    await client.call(requestPairing, { ...input(certificateRequest), comments: "second" });
    const { items } = await listPairings(target.ctx(), { limit: 50 });
    expect(items.map((item) => item.comments)).toEqual(["second"]);
    client.close();
    await reset();
  });

  it("waits for both shares of the code before it can be approved, and the first share counts", async () => {
    const { client, certificateRequest } = await stranger();
    const wanted = input(certificateRequest);
    await client.call(requestPairing, wanted);
    const find = async () => (await listPairings(target.ctx(), { limit: 1 })).items[0];
    const id = (await find())?.id ?? "";
    const agents = [{ agentId: wanted.agents[0]?.id ?? "", repositoryId: randomUUID(), quotaBytes: null }];
    await expect(approvePairing(target.ctx(), { id, agents, rateCapBytesPerSecond: null })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("verification code"),
    });
    expect((await client.call(syncPairingStatus, {})).verificationShare).toBeUndefined();
    const share = Buffer.alloc(32, 1).toString("base64");
    const { verificationShare } = await client.call(syncPairingStatus, { verificationShare: share });
    const code = (await find())?.verificationCode;
    expect(verificationShare).toBeDefined();
    await client.call(syncPairingStatus, { verificationShare: Buffer.alloc(32, 2).toString("base64") });
    await client.call(requestPairing, wanted);
    expect((await find())?.verificationCode).toBe(code);
    client.close();
    await reset();
  });

  it("takes five pending requests of one address and no more, until one is answered", async () => {
    for (let n = 0; n < 5; n++) {
      const { client, certificateRequest } = await stranger();
      await client.call(requestPairing, input(certificateRequest));
      client.close();
    }
    const sixth = await stranger();
    await expect(sixth.client.call(requestPairing, input(sixth.certificateRequest))).rejects.toMatchObject({
      code: "too_many_requests",
    });
    const first = await target.db.prisma.pairing.findFirstOrThrow();
    await target.db.prisma.pairing.update({ where: { id: first.id }, data: { state: "ignored" } });
    await sixth.client.call(requestPairing, input(sixth.certificateRequest));
    sixth.client.close();
    await reset();
  });

  it("takes two hundred pending requests in all", async () => {
    const row = (n: number) => ({
      side: "target" as const,
      peerName: `n${n}`,
      peerAddress: `10.0.0.${n}`,
      requestKeyDigest: Buffer.alloc(32, n),
      verificationCode: "",
    });
    await target.db.prisma.pairing.createMany({ data: Array.from({ length: 200 }, (_, n) => row(n)) });
    const { client, certificateRequest } = await stranger();
    await expect(client.call(requestPairing, input(certificateRequest))).rejects.toMatchObject({
      code: "too_many_requests",
    });
    client.close();
    await reset();
  });
});

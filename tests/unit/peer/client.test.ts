import { EventEmitter, once as onceEvent } from "node:events";
import { createServer } from "node:net";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { TwincoreError } from "@/lib/errors";
import { peerClient } from "@/lib/peer/client";
import { operation, PEER_PREFIX } from "@/lib/peer/operation";
import { makePki, type Pki, tlsServer } from "../../support/tls-server";

const MIB = 1024 * 1024;
const handler = () => Promise.reject(new Error("the client must not load handlers"));

const ask = operation({
  name: "Ask",
  method: "POST",
  path: "/things/{id}?loud={loud}",
  auth: "anyone",
  summary: "",
  input: z.object({ id: z.string(), loud: z.stringbool().optional(), text: z.string() }),
  body: "json",
  output: z.object({ echo: z.string() }),
  answer: "json",
  idempotent: true,
  handler,
});
const once: typeof ask = { ...ask, name: "Once", idempotent: false };
const upload = operation({
  name: "Upload",
  method: "POST",
  path: "/uploads/{id}",
  auth: "anyone",
  summary: "",
  input: z.object({ id: z.string(), start: z.coerce.number() }),
  body: "stream",
  output: z.object({ bytes: z.number() }),
  answer: "json",
  handler,
});
const streamInput = z.object({ id: z.string(), start: z.coerce.number() });
const bytes = {
  path: "/bytes/{id}",
  auth: "anyone",
  summary: "",
  input: streamInput,
  output: null,
  answer: "stream",
  handler,
} as const;
const through = operation({ ...bytes, name: "Through", method: "POST", body: "stream" });
const download = operation({ ...bytes, name: "Download", method: "GET", body: "none" });
const fire = operation({ ...bytes, name: "Fire", method: "POST", body: "json", answer: "none" });

let pki: Pki;
beforeAll(async () => {
  pki = await makePki();
});

function client(url: string, tls: Partial<{ ca: string }> = {}) {
  const made = peerClient({ baseUrl: url, tls: { ...pki.client, ca: pki.ca, ...tls } });
  onTestFinished(() => made.close());
  return made;
}

async function* pieces(count: number, bytes = MIB, seen: { sent: number } = { sent: 0 }) {
  for (let n = 0; n < count; n++) {
    seen.sent += bytes;
    yield Buffer.alloc(bytes, n);
  }
}

async function all(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const fault = (code: string, message: string) =>
  JSON.stringify({ failureReason: { message, detail: "d" }, code, requestId: "r" });

describe("a call", () => {
  it("puts each input where its row says and parses the answer", async () => {
    const { url } = await tlsServer(pki, (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () =>
        response.end(JSON.stringify({ echo: `${request.method} ${request.url} ${Buffer.concat(chunks)}`, extra: 1 })),
      );
    });
    const answer = await client(url).call(ask, { id: "a/b c", loud: "true", text: "ü" });
    expect(answer).toEqual({ echo: `POST ${PEER_PREFIX}/things/a%2Fb%20c?loud=true {"text":"ü"}` });
  });

  it("resolves to nothing when the operation answers nothing", async () => {
    const { url } = await tlsServer(pki, (_, response) => response.end());
    expect(await client(url).call(fire, { id: "1", start: 0 })).toBeUndefined();
  });

  it("throws the peer's own code, words, detail and patience", async () => {
    const { url } = await tlsServer(pki, (_, response) =>
      response.writeHead(507, { "retry-after": "7" }).end(fault("storage_full", "Full.")),
    );
    await expect(client(url).call(ask, { id: "1", text: "" })).rejects.toMatchObject({
      code: "storage_full",
      message: "Full.",
      options: { detail: "d", retryAfterSeconds: 7 },
    });
  });

  it.each([
    [401, "<html>", "unauthenticated"],
    [404, "", "not_found"],
    [418, "", "invalid_input"],
    [502, "bad gateway", "unavailable"],
    [500, fault("no such code", "x"), "internal"],
  ])("makes something of status %s with body %s", async (status, body, code) => {
    const { url } = await tlsServer(pki, (_, response) => response.writeHead(status).end(body));
    await expect(client(url).call(ask, { id: "1", text: "" })).rejects.toMatchObject({ code });
  });

  it.each([
    ["not JSON", "nonsense"],
    ["another shape", "{}"],
  ])("an answer that is %s is unavailable, never a crash", async (_, body) => {
    const { url } = await tlsServer(pki, (_request, response) => response.end(body));
    await expect(client(url).call(ask, { id: "1", text: "" })).rejects.toMatchObject({ code: "unavailable" });
  });

  it("an answer without end is cut at its bound", async () => {
    const { url } = await tlsServer(pki, (_, response) => {
      const pour = () => {
        while (!response.destroyed && response.write(Buffer.alloc(MIB, 0x20)));
        response.once("drain", pour);
      };
      pour();
    });
    await expect(client(url).call(ask, { id: "1", text: "" })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("larger"),
    });
  });

  it("is repeated once on a new connection when a kept one turned out to be dead, if its row allows it", async () => {
    const open: { destroy(): void }[] = [];
    let dropNext = false;
    const { url } = await tlsServer(pki, (request, response) => {
      open.push(request.socket);
      if (dropNext) {
        dropNext = false;
        request.socket.destroy();
      } else response.end(JSON.stringify({ echo: "ok" }));
    });
    const made = client(url);
    await made.call(ask, { id: "1", text: "" });
    dropNext = true;
    expect(await made.call(ask, { id: "2", text: "" })).toEqual({ echo: "ok" });
    dropNext = true;
    await expect(made.call(once, { id: "3", text: "" })).rejects.toMatchObject({ code: "unavailable" });
    expect(new Set(open).size).toBeGreaterThan(1);
  });
});

describe("whom it trusts", () => {
  it("takes any name from the CA it was given, and shows the chain it met", async () => {
    const { url } = await tlsServer(pki, (_, response) => response.end(JSON.stringify({ echo: "ok" })));
    const made = client(url);
    await made.call(ask, { id: "1", text: "" });
    expect(made.peerChain).toHaveLength(2);
  });

  it("takes nothing from another CA, and says what that means", async () => {
    const other = await makePki();
    let heard = 0;
    const { url } = await tlsServer(other, (_, response) => {
      heard++;
      response.end("{}");
    });
    await expect(client(url).call(ask, { id: "1", text: "" })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("not the core"),
    });
    expect(heard).toBe(0);
  });

  it("takes no client certificate for a server's, though the CA is right", async () => {
    const { url } = await tlsServer({ ...pki, server: pki.client }, (_, response) => response.end("{}"));
    await expect(client(url).call(ask, { id: "1", text: "" })).rejects.toMatchObject({ code: "unavailable" });
  });

  it("takes no lapsed certificate", async () => {
    const old = await makePki(new Date(Date.now() - 100 * 24 * 3600_000));
    const { url } = await tlsServer(old, (_, response) => response.end("{}"));
    await expect(client(url, { ca: old.ca }).call(ask, { id: "1", text: "" })).rejects.toMatchObject({
      code: "unavailable",
    });
  });

  it("at first contact takes whatever answers, so that people can compare", async () => {
    const other = await makePki();
    const { url } = await tlsServer(other, (_, response) => response.end(JSON.stringify({ echo: "ok" })));
    const made = client(url, { ca: "first-contact" });
    await made.call(ask, { id: "1", text: "" });
    expect(made.peerChain).toHaveLength(2);
  });
});

describe("streams", () => {
  it("sends a body of any length and hands over the answer's bytes", async () => {
    const { url } = await tlsServer(pki, (request, response) => {
      request.pipe(response);
    });
    let received = 0;
    for await (const chunk of await client(url).send(through, { id: "1", start: 3 }, pieces(1)))
      received += chunk.length;
    expect(received).toBe(MIB);
  });

  it("counts every byte of HTTP in both directions", async () => {
    const { url } = await tlsServer(pki, (request, response) => {
      request.resume().on("end", () => response.end(JSON.stringify({ bytes: 1 })));
    });
    const total = { sent: 0, received: 0 };
    const onBytes = (sent: number, received: number) => {
      total.sent += sent;
      total.received += received;
    };
    const made = client(url);
    for (let n = 0; n < 2; n++) await made.send(upload, { id: "1", start: 0 }, pieces(8), { onBytes });
    expect(total.sent).toBeGreaterThan(16 * MIB);
    expect(total.sent).toBeLessThan(16 * MIB * 1.01);
    expect(total.received).toBeGreaterThan(100);
  });

  it("asks the throttle before every piece and never sends one of more than 64 KiB", async () => {
    const { url } = await tlsServer(pki, (request, response) => {
      request.resume().on("end", () => response.end(JSON.stringify({ bytes: 1 })));
    });
    const asked: number[] = [];
    await client(url).send(upload, { id: "1", start: 0 }, pieces(1, 150_000), {
      throttle: async (bytes) => void asked.push(bytes),
    });
    expect(asked).toEqual([65_536, 65_536, 18_928]);
  });

  it("a refusal that comes while the body is being sent is thrown as what it is, and ends the sending", async () => {
    const { url } = await tlsServer(pki, (request, response) => {
      request.once("data", () => {
        request.pause();
        response
          .writeHead(409, { "content-type": "application/json" })
          .end(fault("conflict", "The session has ended."));
      });
    });
    const seen = { sent: 0 };
    await expect(client(url).send(upload, { id: "1", start: 0 }, pieces(512, MIB, seen))).rejects.toMatchObject({
      code: "conflict",
      message: "The session has ended.",
    });
    expect(seen.sent).toBeLessThan(512 * MIB);
  });

  it("a refusal works as well when the server closes the connection behind it", async () => {
    const { url } = await tlsServer(pki, (request, response) => {
      request.once("data", () =>
        response.writeHead(404, { connection: "close" }).end(fault("not_found", "No such session.")),
      );
      request.resume();
    });
    await expect(client(url).send(upload, { id: "1", start: 0 }, pieces(64))).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("a connection cut while sending is unavailable", async () => {
    const { url } = await tlsServer(pki, (request) => {
      request.once("data", () => request.socket.destroy());
    });
    await expect(client(url).send(upload, { id: "1", start: 0 }, pieces(64))).rejects.toMatchObject({
      code: "unavailable",
    });
  });

  it("an answer cut before its end is unavailable, not a short answer", async () => {
    const { url } = await tlsServer(pki, (_, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write("only this", () => response.destroy());
    });
    const body = await client(url).receive(download, { id: "1", start: 0 });
    await expect(all(body)).rejects.toMatchObject({ code: "unavailable" });
  });

  it("what the body itself throws is thrown, not what the broken request says", async () => {
    const { url } = await tlsServer(pki, (request) => request.resume());
    async function* failing() {
      yield Buffer.alloc(10);
      throw new TwincoreError("storage_full", "The source's disk is full.");
    }
    await expect(client(url).send(upload, { id: "1", start: 0 }, failing())).rejects.toMatchObject({
      code: "storage_full",
    });
  });

  it("leaving the answer early ends the request on the other core", async () => {
    const seen = new EventEmitter();
    const closed = onceEvent(seen, "closed");
    const { url } = await tlsServer(pki, (_, response) => {
      response.on("close", () => seen.emit("closed"));
      const pour = () => {
        while (!response.destroyed && response.write(Buffer.alloc(MIB)));
        response.once("drain", pour);
      };
      pour();
    });
    for await (const chunk of await client(url).receive(download, { id: "1", start: 0 })) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    await closed;
  });
});

describe("a peer that is not there", () => {
  it("refused: says that nothing listens", async () => {
    await expect(client("https://127.0.0.1:1").call(ask, { id: "1", text: "" })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("Nothing listens"),
    });
  });

  it("silent: gives up after the time it was given", async () => {
    const { url } = await tlsServer(pki, () => undefined);
    await expect(client(url).call(ask, { id: "1", text: "" }, { timeoutMs: 50 })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("has not answered"),
    });
  });

  it("does not take bytes: gives up too", async () => {
    const { url } = await tlsServer(pki, (request) => request.pause());
    await expect(client(url).send(upload, { id: "1", start: 0 }, pieces(512), { timeoutMs: 50 })).rejects.toMatchObject(
      { code: "unavailable" },
    );
  });

  it("speaks something else: says so", async () => {
    const server = createServer((socket) => socket.end("220 smtp\r\n"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === "object" && address ? address.port : 0;
    await expect(client(`https://127.0.0.1:${port}`).call(ask, { id: "1", text: "" })).rejects.toMatchObject({
      code: "unavailable",
    });
  });

  it("a slow body of ours does not count as the peer's silence", async () => {
    const { url } = await tlsServer(pki, (request, response) => {
      request.resume().on("end", () => response.end(JSON.stringify({ bytes: 1 })));
    });
    async function* slow() {
      yield Buffer.alloc(10);
      await new Promise((resolve) => setTimeout(resolve, 150));
      yield Buffer.alloc(10);
    }
    expect(await client(url).send(upload, { id: "1", start: 0 }, slow(), { timeoutMs: 100 })).toEqual({ bytes: 1 });
  });

  it("a caller that gives up gets its own reason, while waiting, sending or receiving", async () => {
    const reason = new Error("enough");
    const { url } = await tlsServer(pki, (request, response) => {
      if (request.method === "GET") response.write("a");
    });
    const made = client(url);
    const waiting = new AbortController();
    const call = made.call(ask, { id: "1", text: "" }, { signal: waiting.signal });
    setImmediate(() => waiting.abort(reason));
    await expect(call).rejects.toBe(reason);
    const sending = new AbortController();
    const sent = made.send(upload, { id: "1", start: 0 }, pieces(512), { signal: sending.signal });
    setImmediate(() => sending.abort(reason));
    await expect(sent).rejects.toBe(reason);
    const receiving = new AbortController();
    const body = await made.receive(download, { id: "1", start: 0 }, { signal: receiving.signal });
    const read = all(body);
    receiving.abort(reason);
    await expect(read).rejects.toBe(reason);
    await expect(made.call(ask, { id: "1", text: "" }, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

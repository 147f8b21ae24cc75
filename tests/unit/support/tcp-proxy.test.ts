import { createHash, randomBytes } from "node:crypto";
import { connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TcpProxy } from "@/tests/support/tcp-proxy";
import { until } from "@/tests/support/until";

// The crash tests believe what this proxy counts.
let server: Server;
let proxy: TcpProxy;
let received: Buffer[];
let accepted: Socket[];

beforeEach(async () => {
  received = [];
  accepted = [];
  server = createServer((socket) => {
    accepted.push(socket);
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => received.push(bytes));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  proxy = await TcpProxy.start(address.port);
});

afterEach(async () => {
  await proxy.stop();
  for (const socket of accepted) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

const receivedBytes = () => received.reduce((sum, bytes) => sum + bytes.length, 0);
const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
function client(): Socket {
  return connect(proxy.port, "127.0.0.1").on("error", () => undefined);
}

describe("the proxy of the crash tests", () => {
  it("passes every byte of both directions, however slowly the other side reads, and counts those of the source", async () => {
    const bytes = randomBytes(24 * 1024 * 1024);
    const socket = client();
    const answer: Buffer[] = [];
    socket.on("data", (part) => answer.push(part));
    socket.write(bytes);
    await until("everything there", () => receivedBytes() === bytes.length);
    expect(sha256(Buffer.concat(received))).toBe(sha256(bytes));
    accepted[0]?.end(bytes);
    await until("everything back", () => Buffer.concat(answer).length === bytes.length);
    expect(sha256(Buffer.concat(answer))).toBe(sha256(bytes));
    expect(proxy.sourceBytes).toBe(bytes.length);
  });

  it("lets exactly as many bytes pass as it was told, and the rest after it resumes", async () => {
    const held = proxy.holdAfter(1_234_567);
    client().write(randomBytes(5_000_000));
    await held;
    await until("what may pass", () => receivedBytes() === 1_234_567);
    expect(proxy.sourceBytes).toBe(1_234_567);
    proxy.resume();
    await until("the rest", () => receivedBytes() === 5_000_000);
  });

  it("loses an answer after the whole request has arrived", async () => {
    const socket = client();
    const closed = new Promise((resolve) => socket.once("close", resolve));
    const answers: Buffer[] = [];
    socket.on("data", (part) => answers.push(part));
    await until("the connection", () => accepted.length === 1);
    const lost = proxy.loseNextAnswer();
    socket.write(randomBytes(1_000_000));
    await until("the request", () => receivedBytes() === 1_000_000);
    accepted[0]?.write("done");
    await Promise.all([lost, closed]);
    expect(answers).toEqual([]);
  });

  it("resets what is there when it is cut, refuses what comes, and takes it again after it resumes", async () => {
    const first = client();
    const closed = new Promise((resolve) => first.once("close", resolve));
    await until("the connection", () => accepted.length === 1);
    proxy.cut();
    await closed;
    client();
    await until("a refusal", () => proxy.refused === 1);
    proxy.resume();
    client().write("hello");
    await until("the new connection", () => Buffer.concat(received).toString() === "hello");
  });
});

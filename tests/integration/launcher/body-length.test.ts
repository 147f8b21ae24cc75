import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { keepDeclaredLength } from "@/lib/runtime/listeners/body-length";

const server = createServer((_, response) => {
  keepDeclaredLength(response);
  response.setHeader("x-twincore-body-length", "11");
  // As Next does it: bytes are written and the head goes out by itself.
  response.write("hello ");
  response.end("world");
});

beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));

it("a streamed answer goes out with the length its route declared, not in chunks, and without our own header", async () => {
  const { port } = server.address() as AddressInfo;
  const headers = await new Promise<Record<string, unknown>>((resolve, reject) =>
    request({ host: "127.0.0.1", port, agent: false }, (response) => {
      response.resume().on("end", () => resolve(response.headers));
    })
      .on("error", reject)
      .end(),
  );
  expect(headers["content-length"]).toBe("11");
  expect(headers["transfer-encoding"]).toBeUndefined();
  expect(headers["x-twincore-body-length"]).toBeUndefined();
});

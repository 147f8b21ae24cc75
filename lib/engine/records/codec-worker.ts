/** What a codec thread is asked about `length` bytes of `input` from `at` on. */
export type CodecRequest = { input: SharedArrayBuffer; at: number; length: number } & (
  | { op: "digest" }
  /** Compress them, to `output` from `outputAt` on, unless that takes more than `outputMax` bytes. */
  | { op: "compress"; output: SharedArrayBuffer; outputAt: number; outputMax: number }
  /** Unpack them, which gives `rawLength` bytes, and answer the digest of those, and the bytes if they are `wanted`. */
  | { op: "unpack"; rawLength: number; wanted: boolean }
);

export type CodecAnswer =
  | { digest: Uint8Array; plain?: Uint8Array }
  /** 0: it took more than `outputMax`. */
  | { outputLength: number }
  | { damaged: string };

/**
 * The body of a codec thread. It is started from its own source text, since nothing else reaches a thread alike from Next's
 * bundle, esbuild's and the tests: it must refer to nothing outside of itself. One request is under way per thread, so that
 * the thread's event loop comes to rest between two and frees the memory of the last one.
 */
export function codecWorker(load: NodeJS.Require): void {
  const { parentPort, workerData } = load("node:worker_threads") as typeof import("node:worker_threads");
  const { createHash } = load("node:crypto") as typeof import("node:crypto");
  const { Encoder, Decoder } = load(workerData.zstdPath) as typeof import("@toondepauw/node-zstd");
  const encoder = new Encoder(workerData.level);
  const decoder = new Decoder();

  const answer = (request: CodecRequest): CodecAnswer => {
    const input = Buffer.from(request.input, request.at, request.length);
    if (request.op === "digest") return { digest: createHash("sha256").update(input).digest() };
    if (request.op === "compress") {
      const packed = encoder.encodeSync(input);
      if (packed.length > request.outputMax) return { outputLength: 0 };
      Buffer.from(request.output).set(packed, request.outputAt);
      return { outputLength: packed.length };
    }
    const plain = decoder.decodeSync(input);
    if (plain.length !== request.rawLength) return { damaged: "it unpacks to another size than its header says" };
    const digest = createHash("sha256").update(plain).digest();
    // The library's own memory cannot be handed to another thread.
    return request.wanted ? { digest, plain: new Uint8Array(plain) } : { digest };
  };

  parentPort?.on("message", (request: CodecRequest) => {
    try {
      const message = answer(request);
      const handed = "plain" in message && message.plain ? [message.plain.buffer as ArrayBuffer] : [];
      parentPort.postMessage(message, handed);
    } catch (error) {
      parentPort.postMessage({ damaged: error instanceof Error ? error.message : String(error) });
    }
  });
}

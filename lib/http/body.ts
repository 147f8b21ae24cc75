import { invalidInput, TwincoreError } from "@/lib/errors";

/** Reads a request body as JSON, at most `bytesMax` bytes of it; an empty body is `{}`. Throws too_large or invalid_input. */
export async function readJson(request: Request, bytesMax: number): Promise<unknown> {
  const text = await readText(request, bytesMax);
  return text.trim() === "" ? {} : parseJson(text);
}

/** Reads a request body as text, at most `bytesMax` bytes of it. Throws too_large. */
export async function readText(request: Request, bytesMax: number): Promise<string> {
  return (await readBounded(request, bytesMax)).toString("utf8");
}

/** JSON as a door reads it. Throws invalid_input, also for texts with the character U+0000, which the database cannot keep. */
export function parseJson(text: string): unknown {
  try {
    // Looking at every text costs more than parsing: only where there may be one.
    return text.includes("\\u0000") ? JSON.parse(text, refuseZero) : JSON.parse(text);
  } catch {
    throw invalidInput("The body is not valid JSON, or holds the character U+0000.");
  }
}

function refuseZero(_: string, value: unknown): unknown {
  if (typeof value === "string" && value.includes("\0")) throw new SyntaxError("U+0000");
  return value;
}

async function readBounded(request: Request, bytesMax: number): Promise<Buffer> {
  if (Number(request.headers.get("content-length") ?? 0) > bytesMax) throw tooLarge(bytesMax);
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of bodyOf(request)) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > bytesMax) throw tooLarge(bytesMax);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const tooLarge = (bytesMax: number) =>
  new TwincoreError("too_large", `The body is larger than the ${bytesMax} bytes this call takes.`);

/** The body as it arrives, with back-pressure; empty when there is none. */
export async function* bodyOf(request: Request): AsyncGenerator<Uint8Array> {
  if (!request.body) return;
  const reader = request.body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** A Response body from an async iterable; a client that goes away ends the iteration. */
export function toBody(source: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 1 },
  );
}

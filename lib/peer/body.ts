import { invalidInput, TwincoreError } from "@/lib/errors";

/**
 * A request body as it arrives, with back-pressure. A connection that breaks before the end of the body throws `unavailable`.
 * Leaving the iteration early does not cancel the request: that would reset the connection under the answer that says why.
 */
export async function* streamOf(request: Request): AsyncGenerator<Uint8Array> {
  if (!request.body) return;
  const reader = request.body.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      throw new TwincoreError("unavailable", "The connection broke before the end of the request.", { cause });
    });
    if (done) return;
    yield value;
  }
}

/** The body as JSON, at most `bytesMax` bytes of it; an empty body is `{}`. Throws too_large or invalid_input. */
export async function jsonOf(request: Request, bytesMax: number): Promise<unknown> {
  if (Number(request.headers.get("content-length") ?? 0) > bytesMax) throw tooLarge(bytesMax);
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of streamOf(request)) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > bytesMax) throw tooLarge(bytesMax);
    chunks.push(chunk);
  }
  return parseJson(Buffer.concat(chunks).toString("utf8"));
}

function parseJson(text: string): unknown {
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    throw invalidInput("The body is not valid JSON.");
  }
}

const tooLarge = (bytesMax: number) =>
  new TwincoreError("too_large", `The body is larger than the ${bytesMax} bytes that this operation takes.`);

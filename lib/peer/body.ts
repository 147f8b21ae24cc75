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

/** The body as text, at most `bytesMax` bytes of it. Throws too_large, or invalid_input for what is not UTF-8. */
export async function textOf(request: Request, bytesMax: number): Promise<string> {
  if (Number(request.headers.get("content-length") ?? 0) > bytesMax) throw tooLarge(bytesMax);
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of streamOf(request)) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > bytesMax) throw tooLarge(bytesMax);
    chunks.push(chunk);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw invalidInput("The body is not UTF-8.");
  }
}

const tooLarge = (bytesMax: number) =>
  new TwincoreError("too_large", `The body is larger than the ${bytesMax} bytes that this operation takes.`);

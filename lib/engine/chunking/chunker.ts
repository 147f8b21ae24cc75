/** Cuts a byte stream into records. The cuts depend on the bytes alone, never on the sizes in which they are pushed. */
export interface Chunker {
  /** Takes bytes (copied); answers the records that they complete, each with memory of its own. */
  push(bytes: Uint8Array): Buffer[];
  /** Ends the stream: what is left, or null. The chunker can be used for another stream afterwards. */
  flush(): Buffer | null;
}

/** The records of a stream, in order. */
export async function* cutStream(chunker: Chunker, stream: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> {
  for await (const bytes of stream) yield* chunker.push(bytes);
  const last = chunker.flush();
  if (last) yield last;
}

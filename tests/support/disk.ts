import { createCipheriv, createHash } from "node:crypto";
import { open } from "node:fs/promises";

const PIECE_BYTES = 1024 * 1024;

/**
 * Writes a disk of `pieces` MiB: most of it bytes that no compression makes smaller, every eighth piece a hole, every ninth text.
 * The same seed gives the same disk, another seed shares nothing with it. Returns its SHA-256.
 */
export async function writeDisk(file: string, pieces: number, seed: number): Promise<string> {
  const random = createCipheriv(
    "aes-128-ctr",
    createHash("sha256").update(`disk ${seed}`).digest().subarray(0, 16),
    Buffer.alloc(16),
  );
  const zeros = Buffer.alloc(PIECE_BYTES);
  const hash = createHash("sha256");
  const disk = await open(file, "w");
  try {
    await disk.truncate(pieces * PIECE_BYTES);
    for (let i = 0; i < pieces; i++) {
      const piece = i % 8 === 7 ? zeros : i % 9 === 8 ? textPiece(seed, i) : random.update(zeros);
      hash.update(piece);
      if (piece !== zeros) await disk.write(piece, 0, PIECE_BYTES, i * PIECE_BYTES);
    }
  } finally {
    await disk.close();
  }
  return hash.digest("hex");
}

function textPiece(seed: number, piece: number): Buffer {
  return Buffer.alloc(PIECE_BYTES, `line of disk ${seed}, piece ${piece}\n`);
}

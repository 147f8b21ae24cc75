import { randomBytes } from "node:crypto";
import { Encoder } from "@toondepauw/node-zstd";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeFrame, encodeFrame, RECORD_BYTES_MAX, sha256, verifyFrame } from "@/lib/engine/records/codec";
import { codecPool } from "@/lib/engine/records/codec-pool";
import { FRAME_HEADER_BYTES, frames, readFrameHeader, writeFrameHeader } from "@/lib/engine/records/frame";
import { recycle, takeScratch } from "@/lib/engine/records/scratch";
import { digestOf, errorCode, gather, inPieces, plaintext } from "./bytes";

const frameOf = (plain: Buffer) => encodeFrame(plain, digestOf(plain));

/** A frame around a body that the encoder would not write. */
function forge(body: Buffer, rawLength: number, digest: Buffer, codec: "raw" | "zstd" = "zstd"): Buffer {
  const frame = Buffer.concat([Buffer.alloc(FRAME_HEADER_BYTES), body]);
  writeFrameHeader(frame, { codec, rawLength, bodyLength: body.length, digest });
  return frame;
}

const both = async (frame: Buffer) => {
  const decoded = await errorCode(decodeFrame(frame));
  const verified = await errorCode((async () => verifyFrame(readFrameHeader(frame), frame))());
  expect(verified).toBe(decoded);
  return decoded;
};

describe("a frame", () => {
  it("gives back the plaintext it was made of, whatever that is", async () => {
    await fc.assert(
      fc.asyncProperty(plaintext, async (plain) => {
        const frame = Buffer.from(await frameOf(plain));
        const decoded = await decodeFrame(frame);
        expect(decoded.plain.equals(plain)).toBe(true);
        expect(decoded.digest.equals(digestOf(plain))).toBe(true);
        await verifyFrame(readFrameHeader(frame), frame);
      }),
      { numRuns: 60 },
    );
  });

  it("takes records of one byte and of 4 MiB, and no others", async () => {
    for (const plain of [Buffer.from("x"), randomBytes(RECORD_BYTES_MAX), Buffer.alloc(RECORD_BYTES_MAX, "ab")])
      expect((await decodeFrame(await frameOf(plain))).plain.equals(plain)).toBe(true);
    expect(await errorCode(frameOf(Buffer.alloc(0)))).toBe("invalid_input");
    expect(await errorCode(frameOf(Buffer.alloc(RECORD_BYTES_MAX + 1)))).toBe("invalid_input");
  });

  it("is compressed only when that saves a sixteenth", async () => {
    expect(readFrameHeader(await frameOf(randomBytes(100_000))).codec).toBe("raw");
    expect(readFrameHeader(await frameOf(Buffer.alloc(100_000, "text "))).codec).toBe("zstd");
    const mostlyRandom = Buffer.concat([randomBytes(97_000), Buffer.alloc(3_000)]);
    expect(readFrameHeader(await frameOf(mostlyRandom)).codec).toBe("raw");
  });

  // A few bits of a zstd frame say nothing of its content, like the size of its window: such a frame is whole.
  it("with any single bit flipped is refused, or gives the same plaintext all the same", async () => {
    for (const plain of [Buffer.alloc(40_000, "some text "), randomBytes(40_000), Buffer.from("tiny")]) {
      const frame = Buffer.from(await frameOf(plain));
      const bits = fc.oneof(fc.nat(FRAME_HEADER_BYTES * 8 - 1), fc.nat(frame.length * 8 - 1));
      await fc.assert(
        fc.asyncProperty(bits, async (bit) => {
          const damaged = Buffer.from(frame);
          damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          const outcome = await both(damaged);
          if (outcome === "integrity") return;
          expect(bit >> 3).toBeGreaterThanOrEqual(FRAME_HEADER_BYTES);
          expect((await decodeFrame(damaged)).plain.equals(plain)).toBe(true);
        }),
        { numRuns: 150 },
      );
    }
  });

  it("is refused with another record's digest, with bytes missing and with bytes behind it", async () => {
    const frame = Buffer.from(await frameOf(Buffer.alloc(50_000, "abc")));
    expect(await both(frame.subarray(0, frame.length - 1))).toBe("integrity");
    expect(await both(Buffer.concat([frame, Buffer.from("x")]))).toBe("integrity");
    expect(await both(forge(frame.subarray(FRAME_HEADER_BYTES), 50_000, digestOf(Buffer.from("other"))))).toBe(
      "integrity",
    );
  });
});

describe("a zstd body", () => {
  const encoder = new Encoder(1);
  it("that would unpack to a gigabyte is refused before it is unpacked", async () => {
    const bomb = await encoder.encode(Buffer.alloc(256 * 1024 * 1024));
    expect(bomb.length).toBeLessThan(100_000);
    const before = process.memoryUsage().rss;
    for (const rawLength of [100_000, RECORD_BYTES_MAX])
      expect(await both(forge(bomb, rawLength, digestOf(Buffer.alloc(rawLength))))).toBe("integrity");
    expect(process.memoryUsage().rss - before).toBeLessThan(128 * 1024 * 1024);
  });
  it("with a second frame behind an honest one is refused", async () => {
    const plain = Buffer.alloc(60_000, "first");
    const two = Buffer.concat([await encoder.encode(plain), await encoder.encode(Buffer.alloc(1_000_000))]);
    expect(await both(forge(two, plain.length, digestOf(plain)))).toBe("integrity");
  });
  it("that unpacks to more or less than the header says is refused", async () => {
    const plain = Buffer.alloc(60_000, "text");
    const body = await encoder.encode(plain);
    for (const rawLength of [59_999, 60_001])
      expect(await both(forge(body, rawLength, digestOf(plain)))).toBe("integrity");
  });
  it("that is cut off or is no zstd is refused", async () => {
    const plain = Buffer.alloc(60_000, "text");
    const body = await encoder.encode(plain);
    for (const bad of [body.subarray(0, 5), body.subarray(0, -1), body.subarray(1), randomBytes(500)])
      expect(await both(forge(bad, plain.length, digestOf(plain)))).toBe("integrity");
  });
});

describe("a frame header", () => {
  const header = { codec: "raw", rawLength: 10, bodyLength: 10, digest: digestOf(Buffer.from("x")) } as const;
  const refused = (change: object) => {
    const bytes = Buffer.alloc(FRAME_HEADER_BYTES);
    writeFrameHeader(bytes, { ...header, ...change });
    try {
      readFrameHeader(bytes);
      return "no error";
    } catch (error) {
      return (error as { code?: string }).code;
    }
  };
  it("with a right checksum but impossible lengths is refused", () => {
    expect(refused({})).toBe("no error");
    expect(refused({ rawLength: 0, bodyLength: 0 })).toBe("integrity");
    expect(refused({ rawLength: RECORD_BYTES_MAX + 1, bodyLength: RECORD_BYTES_MAX + 1 })).toBe("integrity");
    expect(refused({ bodyLength: 9 })).toBe("integrity");
    expect(refused({ codec: "zstd", bodyLength: 10 })).toBe("integrity");
    expect(refused({ codec: "zstd", bodyLength: 0 })).toBe("integrity");
  });
});

describe("a stream of frames", () => {
  const many = async () => {
    const plains = [Buffer.from("a"), randomBytes(70_000), Buffer.alloc(200_000, "xyz"), Buffer.from("end")];
    const stored = await Promise.all(plains.map(async (plain) => Buffer.from(await frameOf(plain))));
    return { stored, bytes: Buffer.concat(stored) };
  };
  it("is split the same whatever the sizes of its pieces", async () => {
    const { stored, bytes } = await many();
    const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 100_000 })), {
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(sizes, async (pieceSizes) => {
        const found = await gather(frames(inPieces(bytes, pieceSizes)));
        expect(found.map((frame) => frame.length)).toEqual(stored.map((frame) => frame.length));
        expect(Buffer.concat(found).equals(bytes)).toBe(true);
      }),
      { numRuns: 15 },
    );
  });
  it("that ends inside a record is an error, after the whole records before it", async () => {
    const { stored, bytes } = await many();
    const ends: number[] = [];
    for (let at = 0, i = 0; i < stored.length; at += stored[i]?.length ?? 0, i++) ends.push(at);
    const cutAt = fc.nat(bytes.length - 1).filter((at) => !ends.includes(at));
    await fc.assert(
      fc.asyncProperty(cutAt, async (at) => {
        const found: Buffer[] = [];
        const reading = (async () => {
          for await (const frame of frames(inPieces(bytes.subarray(0, at), [16_384]))) found.push(frame);
        })();
        expect(await errorCode(reading)).toBe("integrity");
        expect(found.length).toBe(ends.filter((end) => end <= at).length - 1);
      }),
      { numRuns: 60 },
    );
  });
  it("of nothing has no frames", async () => {
    expect(await gather(frames(inPieces(Buffer.alloc(0), [1])))).toEqual([]);
  });
});

describe("sha256", () => {
  it("is the same on a thread, from scratch memory and at once", async () => {
    for (const length of [0, 1, 32_767, 32_768, 1_000_000]) {
      const bytes = randomBytes(length);
      expect((await sha256(bytes)).equals(digestOf(bytes))).toBe(true);
      const scratch = takeScratch(length + 100);
      scratch.set(bytes, 50);
      expect((await sha256(scratch.subarray(50, 50 + length))).equals(digestOf(bytes))).toBe(true);
      recycle(scratch);
    }
  });
  it("runs on codec threads here, so that what is tested is what runs", () => {
    expect(codecPool()).not.toBeNull();
  });
});

describe("scratch memory", () => {
  it("is never lent twice at once, however often it is given back", () => {
    const first = takeScratch(100_000);
    recycle(first);
    recycle(first);
    const lent = Array.from({ length: 5 }, () => takeScratch(100_000));
    expect(new Set(lent.map((bytes) => bytes.buffer)).size).toBe(5);
    for (const bytes of lent) recycle(bytes);
    recycle(Buffer.alloc(10));
  });
});

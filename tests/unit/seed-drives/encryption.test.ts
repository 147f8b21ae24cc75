import { describe, expect, it } from "vitest";
import { decrypted, encrypted, makeDriveKey, openDriveKey } from "@/lib/engine/seed-drives/encryption";

const plain = Buffer.alloc(300_000, "some content of a seed drive ");

async function* pieces(bytes: Uint8Array, size = 10_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function collect(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of content) parts.push(part);
  return Buffer.concat(parts);
}

describe("the encryption of a seed drive", () => {
  it("gives back every byte to the passphrase, and nothing to another one", async () => {
    const { recipient, keyFile } = await makeDriveKey("correct horse battery");
    const cipher = await collect(encrypted(recipient, pieces(plain)));
    expect(cipher.includes(plain.subarray(0, 32))).toBe(false);
    const identity = await openDriveKey(Buffer.from(keyFile), "correct horse battery");
    expect((await collect(decrypted(identity, pieces(cipher)))).equals(plain)).toBe(true);
    await expect(openDriveKey(Buffer.from(keyFile), "another horse battery")).rejects.toMatchObject({
      code: "invalid_input",
    });
  });

  it("notices a changed bit, a cut end, and a file of another drive", async () => {
    const [mine, other] = [await makeDriveKey("correct horse battery"), await makeDriveKey("another horse here")];
    const identity = await openDriveKey(Buffer.from(mine.keyFile), "correct horse battery");
    const cipher = await collect(encrypted(mine.recipient, pieces(plain)));
    const changed = Buffer.from(cipher);
    changed.writeUInt8(changed.readUInt8(200_000) ^ 1, 200_000);
    const foreign = await collect(encrypted(other.recipient, pieces(plain)));
    for (const bad of [changed, cipher.subarray(0, 250_000), foreign, Buffer.alloc(100)])
      await expect(collect(decrypted(identity, pieces(bad)))).rejects.toMatchObject({ code: "integrity" });
  });

  it("tells the failure of the drive itself from damage", async () => {
    const { recipient, keyFile } = await makeDriveKey("correct horse battery");
    const identity = await openDriveKey(Buffer.from(keyFile), "correct horse battery");
    const cipher = await collect(encrypted(recipient, pieces(plain)));
    const broken = async function* () {
      yield* pieces(cipher.subarray(0, 100_000));
      throw new Error("the drive was pulled out");
    };
    await expect(collect(decrypted(identity, broken()))).rejects.toThrow("the drive was pulled out");
  });

  it("does not spend what a hostile key file asks for", async () => {
    const hostile = Buffer.from("age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 30\nx\n--- y\n");
    await expect(openDriveKey(hostile, "correct horse battery")).rejects.toMatchObject({ code: "integrity" });
  });
});

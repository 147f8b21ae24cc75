import "server-only";
import { ReadableStream as WebStream } from "node:stream/web";
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { integrity, invalidInput } from "@/lib/errors";

/** 64 MiB and about a third of a second for each guess of a passphrase; twelve characters make that enough. */
const SCRYPT_LOG_N = 16;
/** What a drive may make us spend: 256 MiB, for a moment. */
const SCRYPT_LOG_N_MAX = 18;
/** A key file has 200 bytes or so. */
export const KEY_FILE_BYTES_MAX = 4096;

export interface DriveKey {
  /** Files are encrypted to it. Public. */
  readonly recipient: string;
  /** The private half under the passphrase: an age file that any age tool opens. */
  readonly keyFile: Uint8Array<ArrayBuffer>;
}

/** A new key of a drive. After this neither the passphrase nor the private half is needed, or kept, to write the drive. */
export async function makeDriveKey(passphrase: string): Promise<DriveKey> {
  const identity = await generateX25519Identity();
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase);
  encrypter.setScryptWorkFactor(SCRYPT_LOG_N);
  const keyFile = new Uint8Array(await encrypter.encrypt(`${identity}\n`));
  return { recipient: await identityToRecipient(identity), keyFile };
}

/** The private half. Throws `invalid_input` for a wrong passphrase, `integrity` when it is no key file. */
export async function openDriveKey(keyFile: Buffer, passphrase: string): Promise<string> {
  const logN = Number(/^age-encryption\.org\/v1\n-> scrypt \S+ (\d{1,3})\n/.exec(keyFile.toString("latin1"))?.[1]);
  if (!(logN >= 1 && logN <= SCRYPT_LOG_N_MAX))
    throw integrity("The key file of this seed drive (key.age) is damaged. Nothing was taken over.");
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  try {
    return (await decrypter.decrypt(keyFile, "text")).trim();
  } catch {
    throw invalidInput(
      "This is not the passphrase of this seed drive. It is the one that was chosen when it was written.",
    );
  }
}

export function encrypted(recipient: string, content: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return streamed(async (stream) => {
    const encrypter = new Encrypter();
    encrypter.addRecipient(recipient);
    return encrypter.encrypt(stream);
  }, content);
}

/** Throws `integrity` where the content was altered; what came before that is given out. */
export async function* decrypted(identity: string, content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let failure: { error: unknown } | null = null;
  // What the drive itself fails with is told from what the decryption finds.
  const watched = (async function* () {
    try {
      yield* content;
    } catch (error) {
      failure = { error };
      throw error;
    }
  })();
  try {
    yield* streamed(async (stream) => {
      const decrypter = new Decrypter();
      decrypter.addIdentity(identity);
      return decrypter.decrypt(stream);
    }, watched);
  } catch (error) {
    const known = failure as { error: unknown } | null;
    if (known) throw known.error;
    throw integrity(
      "A file of the seed drive cannot be decrypted: it was altered, cut off, or is of another drive.",
      error,
    );
  }
}

async function* streamed(
  transform: (stream: ReadableStream<Uint8Array>) => Promise<ReadableStream<Uint8Array>>,
  content: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const reader = (await transform(WebStream.from(content) as ReadableStream<Uint8Array>)).getReader();
  let ended = false;
  try {
    for (;;) {
      const { value, done } = await reader.read();
      ended = done;
      if (done) return;
      yield value;
    }
  } finally {
    if (!ended) await reader.cancel().catch(() => undefined);
  }
}

// Puts the key-encryption key of a key file into a home that lost it: node scripts/restore-keys.mjs FILE HOME; see lib/engine/keys/README.md.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { Decrypter } from "age-encryption";
import { fail, say } from "./lib/say.mjs";

/** A few hundred bytes a pairing; more is no key file. */
const FILE_BYTES_MAX = 64 * 1024 * 1024;

const [file, home] = process.argv.slice(2);
if (!file || !home) fail("Name the key file and the home: node scripts/restore-keys.mjs FILE HOME");
const target = path.join(home, "secret.key");
if (existsSync(target)) fail(`${target} exists already. It is left as it is: a core that lost its key has none there.`);

const { core, exportedAt, keyEncryptionKey } = readHead(await decrypt(readFileSync(file), await askPassphrase()));
mkdirSync(home, { recursive: true });
if (process.platform !== "win32" && process.getuid?.() !== 0) chmodSync(home, 0o700);
writeFileSync(target, `${keyEncryptionKey}\n`, { mode: 0o600, flag: "wx" });
say(
  `The key of "${core.name}", exported ${exportedAt}, is in ${target}. Start the core with this home and its database.`,
);

/** One line of the standard input; what is typed at a terminal is not shown. */
async function askPassphrase() {
  const lines = createInterface({
    input: process.stdin,
    output: process.stderr,
    terminal: process.stdin.isTTY === true,
  });
  if (process.stdin.isTTY) lines._writeToOutput = () => undefined;
  process.stderr.write("Passphrase of the key file: ");
  for await (const line of lines) {
    process.stderr.write("\n");
    lines.close();
    return line;
  }
  fail("No passphrase came.");
}

async function decrypt(bytes, passphrase) {
  if (bytes.length > FILE_BYTES_MAX) fail(`${file} is no key file: it is too large.`);
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  return decrypter
    .decrypt(bytes, "text")
    .catch(() => fail(`${file} does not open: the passphrase is another, or it is damaged.`));
}

function readHead(text) {
  const head = JSON.parse(text.slice(0, text.indexOf("\n")));
  const known = head.format === "twincore-keys" && head.version === 1 && /^[0-9a-f]{64}$/.test(head.keyEncryptionKey);
  return known ? head : fail(`${file} is an age file, but no key file of a core that this version knows.`);
}

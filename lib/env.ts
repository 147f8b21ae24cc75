import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import path from "node:path";
import { z } from "zod";
import { TwincoreError } from "@/lib/errors";
import { type IdentityProvider, readIdentityProvider } from "./env/identity-provider";

const SECRET_BYTES = 32;

/** What a role process reads from its environment. The supervisor sets all of it; see lib/runtime/settings.ts for people. */
const Environment = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  TWINCORE_HOME: z.string().min(1).default(".twincore/home"),
  TWINCORE_SECRET: z.string().optional(),
  TWINCORE_NAME: z.string().min(1).max(100).default(hostname()),
  TWINCORE_PROCESS_ROLE: z.enum(["web", "peer", "vendor", "worker", "core"]).default("core"),
  TWINCORE_WEB_URL: z.url().optional(),
  TWINCORE_PEER_URL: z.url().optional(),
  /** Empty: this core has no vendor listener. */
  TWINCORE_VENDOR_URL: z.union([z.literal(""), z.url()]).optional(),
  /** For measurements: how disk images travel. "auto" weighs for each. */
  TWINCORE_TRANSFER_MODE: z.enum(["auto", "negotiated", "direct"]).default("auto"),
  TWINCORE_LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
});

export interface Env {
  databaseUrl: string;
  /** Absolute. */
  home: string;
  /** The key-encryption key, 32 bytes. */
  secret: Buffer;
  coreName: string;
  role: "web" | "peer" | "vendor" | "worker" | "core";
  /** Where this core's listeners are reached by others; absent in scripts and tests. */
  webUrl: string | undefined;
  peerUrl: string | undefined;
  vendorUrl: string | undefined;
  logLevel: string;
  /** By which people may sign in beside their password; null: none is configured. */
  identityProvider: IdentityProvider | null;
  /** How disk images travel; forced for measurements only. */
  transferPreference: "auto" | "negotiated" | "direct";
}

let parsed: Env | undefined;

/** The settings of this process, checked on first use. Throws `invalid_input` that names the variable. */
export function env(): Env {
  parsed ??= readEnv(process.env);
  return parsed;
}

/** The same from any source, for tests. */
export function readEnv(source: Record<string, string | undefined>): Env {
  const result = Environment.safeParse(source);
  if (!result.success) {
    const [issue] = result.error.issues;
    const name = String(issue?.path[0]);
    throw new TwincoreError(
      "invalid_input",
      `${name} is ${source[name] ? `"${source[name]}"` : "not set"}: ${issue?.message}`,
    );
  }
  const { data } = result;
  const home = path.resolve(data.TWINCORE_HOME);
  return {
    databaseUrl: data.DATABASE_URL,
    home,
    secret: parseSecret(data.TWINCORE_SECRET || readSecretFile(home)),
    coreName: data.TWINCORE_NAME,
    role: data.TWINCORE_PROCESS_ROLE,
    webUrl: data.TWINCORE_WEB_URL,
    peerUrl: data.TWINCORE_PEER_URL,
    vendorUrl: data.TWINCORE_VENDOR_URL || undefined,
    logLevel: data.TWINCORE_LOG_LEVEL,
    identityProvider: readIdentityProvider(source),
    transferPreference: data.TWINCORE_TRANSFER_MODE,
  };
}

/** Where a home keeps its key-encryption key. */
export function secretFile(home: string): string {
  return path.join(home, "secret.key");
}

function readSecretFile(home: string): string {
  try {
    return readFileSync(secretFile(home), "utf8");
  } catch (cause) {
    const message = `TWINCORE_SECRET is not set and ${secretFile(home)} cannot be read. Start the core with "npm start", which makes it.`;
    throw new TwincoreError("invalid_input", message, { cause });
  }
}

/** 32 bytes as 64 hexadecimal digits or as base64. The message never repeats the value. */
export function parseSecret(text: string): Buffer {
  const trimmed = text.trim();
  const bytes = /^[0-9a-f]{64}$/i.test(trimmed) ? Buffer.from(trimmed, "hex") : Buffer.from(trimmed, "base64");
  if (bytes.length === SECRET_BYTES) return bytes;
  throw new TwincoreError(
    "invalid_input",
    "TWINCORE_SECRET must be 32 bytes, as 64 hexadecimal digits or base64. Make one with: openssl rand -hex 32",
  );
}

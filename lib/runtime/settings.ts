import { hostname } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { parseSecret } from "@/lib/env";
import { IDENTITY_PROVIDER_VARIABLES, readIdentityProvider } from "@/lib/env/identity-provider";
import { TwincoreError } from "@/lib/errors";

export const ROLES = ["web", "peer", "vendor", "worker"] as const;
export type Role = (typeof ROLES)[number];

/** Everything a person may set about one core's processes. */
export interface Settings {
  /** Absolute. */
  home: string;
  /** Of an own Postgres; null means the built-in one. */
  databaseUrl: string | null;
  /** The key-encryption key when it is set from outside; null means the home's secret.key. */
  secret: Buffer | null;
  name: string;
  webHost: string;
  /** 0 = any free port. */
  webPort: number;
  peerHost: string;
  peerPort: number;
  /** How other cores reach the peer listener; null means by its host and port. */
  peerUrl: string | null;
  vendorHost: string;
  vendorPort: number;
  roles: Role[];
  logLevel: string;
  dev: boolean;
}

const port = z.coerce.number().int().min(0).max(65_535);
const portHint = "a port is a whole number from 0 to 65535, and 0 takes any free one";
const host = z.string().regex(/^[0-9A-Za-z.:_-]+$/);
const hostHint = "a host is an address or a name of this machine, such as 127.0.0.1 or 0.0.0.0";

interface Row {
  flag: string;
  /** Environment variable; none for flags that only make sense once. */
  variable: string;
  fallback: (root: string) => string;
  schema: z.ZodType;
  /** What a right value looks like; ends the message about a wrong one. */
  hint: string;
  help: string;
}

const rows = {
  home: row(
    "home",
    "TWINCORE_HOME",
    (root) => path.join(root, ".twincore", "home"),
    z.string().min(1),
    "name a folder",
    "folder of the database, the keys and the state",
  ),
  databaseUrl: row(
    "database-url",
    "DATABASE_URL",
    () => "",
    z.union([z.literal(""), z.url({ protocol: /^postgres(ql)?$/ })]),
    "write postgresql://user:password@host:5432/database",
    "a Postgres 15 or newer instead of the built-in one",
  ),
  secret: row(
    "",
    "TWINCORE_SECRET",
    () => "",
    z.string(),
    "",
    "key that seals the private keys; 64 hexadecimal digits, the same on every node of a core (default: secret.key in the home)",
  ),
  name: row(
    "name",
    "TWINCORE_NAME",
    () => hostname(),
    z.string().trim().min(1).max(100),
    "a name has 1 to 100 characters",
    "name of the core, as other cores see it",
  ),
  webHost: row(
    "web-host",
    "TWINCORE_WEB_HOST",
    () => "127.0.0.1",
    host,
    hostHint,
    "address of the dashboard and the API",
  ),
  webPort: row("web-port", "TWINCORE_WEB_PORT", () => "8443", port, portHint, "their port (0 = any free one)"),
  peerHost: row(
    "peer-host",
    "TWINCORE_PEER_HOST",
    () => "127.0.0.1",
    host,
    hostHint,
    "address for other cores; 0.0.0.0 lets other machines in",
  ),
  peerPort: row("peer-port", "TWINCORE_PEER_PORT", () => "8006", port, portHint, "its port (0 = any free one)"),
  peerUrl: row(
    "peer-url",
    "TWINCORE_PEER_URL",
    () => "",
    z.union([z.literal(""), z.url({ protocol: /^https$/ })]),
    "write https://host:port, as other cores reach it",
    "how other cores reach this one, when that differs",
  ),
  vendorHost: row(
    "vendor-host",
    "TWINCORE_VENDOR_HOST",
    () => "127.0.0.1",
    host,
    hostHint,
    "address for clients of Unitrends, PowerStore, CBR and Veeam; 0.0.0.0 lets other machines in",
  ),
  vendorPort: row("vendor-port", "TWINCORE_VENDOR_PORT", () => "4443", port, portHint, "its port (0 = any free one)"),
  roles: row(
    "role",
    "TWINCORE_ROLES",
    () => ROLES.join(","),
    z.string(),
    "",
    "which of web, peer, vendor, worker run here, with commas between",
  ),
  logLevel: row(
    "log-level",
    "TWINCORE_LOG_LEVEL",
    () => "info",
    z.enum(["debug", "info", "warn", "error", "silent"]),
    "choose debug, info, warn, error or silent",
    "how much is logged",
  ),
} satisfies Record<string, Row>;

function row(
  flag: string,
  variable: string,
  fallback: Row["fallback"],
  schema: z.ZodType,
  hint: string,
  help: string,
): Row {
  return { flag, variable, fallback, schema, hint, help };
}

/** Reads flags over environment over defaults. Null when help was asked for. Throws `invalid_input` naming variable and value. */
export function readSettings(argv: string[], environment: NodeJS.ProcessEnv, root: string): Settings | null {
  const flags = readFlags(argv);
  if (flags.help) return null;
  const value = (key: keyof typeof rows) => checked(rows[key], flags, environment, root);
  const secret = String(value("secret"));
  // The roles read it again, from the same environment; what is wrong with it is said before anything starts.
  readIdentityProvider(environment);
  return {
    home: path.resolve(String(value("home"))),
    databaseUrl: String(value("databaseUrl")) || null,
    secret: secret ? parseSecret(secret) : null,
    name: String(value("name")).trim(),
    webHost: String(value("webHost")),
    webPort: Number(value("webPort")),
    peerHost: String(value("peerHost")),
    peerPort: Number(value("peerPort")),
    peerUrl: String(value("peerUrl")).replace(/\/+$/, "") || null,
    vendorHost: String(value("vendorHost")),
    vendorPort: Number(value("vendorPort")),
    roles: readRoles(String(value("roles"))),
    logLevel: String(value("logLevel")),
    dev: flags.dev === true,
  };
}

/** The text of `node server.mjs --help`. */
export function helpText(root: string): string {
  const lines = Object.values(rows).map(({ flag, variable, help, fallback }) => {
    const otherwise = fallback(root) ? ` [${fallback(root)}]` : "";
    return `  ${(flag ? `--${flag}` : "").padEnd(16)} ${variable.padEnd(20)} ${help}${otherwise}`;
  });
  const dev = `  ${"--dev".padEnd(16)} ${"".padEnd(20)} pages are compiled as they are asked for`;
  const signOn = Object.entries(IDENTITY_PROVIDER_VARIABLES).map(([name, help]) => `  ${name.padEnd(33)} ${help}`);
  const first = "Starts one Twincore: node server.mjs [flags]. Flags win over variables.";
  return [first, "", ...lines, dev, "", "Single sign-on, by variables only:", "", ...signOn, ""].join("\n");
}

type Flags = Record<string, string | boolean | undefined>;

function readFlags(argv: string[]): Flags {
  const options: Record<string, { type: "string" | "boolean" }> = {
    help: { type: "boolean" },
    dev: { type: "boolean" },
  };
  for (const { flag } of Object.values(rows)) if (flag) options[flag] = { type: "string" };
  try {
    return parseArgs({ args: argv, options, strict: true, allowPositionals: false }).values as Flags;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split(".")[0] : String(cause);
    throw new TwincoreError("invalid_input", `${why}. All flags: node server.mjs --help`, { cause });
  }
}

function checked(row: Row, flags: Flags, environment: NodeJS.ProcessEnv, root: string): unknown {
  const flag = row.flag ? flags[row.flag] : undefined;
  const set = flag ?? environment[row.variable];
  // An empty variable is what a shell or a compose file makes of an unset one.
  const result = row.schema.safeParse(set === undefined || set === "" ? row.fallback(root) : set);
  if (result.success) return result.data;
  const name = flag === undefined ? row.variable : `--${row.flag} (${row.variable})`;
  throw new TwincoreError("invalid_input", `${name} is "${withoutPassword(String(set))}": ${row.hint}.`);
}

function readRoles(text: string): Role[] {
  const words = text.split(",").map((word) => word.trim());
  const wrong = words.find((word) => !ROLES.some((role) => role === word));
  if (wrong !== undefined)
    throw new TwincoreError(
      "invalid_input",
      `--role (TWINCORE_ROLES) is "${text}": "${wrong}" is no role; choose from ${ROLES.join(", ")}.`,
    );
  return ROLES.filter((role) => words.includes(role));
}

/** For messages and logs: a database URL without its password. */
export function withoutPassword(url: string): string {
  return url.replace(/(:\/\/[^:/@]*):[^@]*@/, "$1:…@");
}

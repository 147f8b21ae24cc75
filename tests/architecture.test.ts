import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "..");
const FILE_LINES_MAX = 300;
const SKIPPED = new Set(["node_modules", "generated", "public"]);

/** A room is a folder or file prefix; the most specific one that fits a file is its room. */
interface Room {
  readonly at: string;
  /** Prefixes of our own files it may import; its own are always allowed. */
  readonly may: readonly string[];
  /** Packages it must not import, with what to do instead. */
  readonly not?: readonly { name: RegExp; instead: string }[];
  readonly why: string;
}

const ground = ["lib/errors", "lib/log", "lib/format"];
/** Pure, and part of what goes over the wire. */
const schemas = ["lib/engine/schemas", "lib/engine/*/schemas", "lib/engine/accounts/scopes"];
const noFramework = [
  { name: /^(next|next-auth|react|react-dom)(\/|$)/, instead: "keep frameworks in app, components and lib/auth" },
];

const rooms: readonly Room[] = [
  { at: "lib/errors", may: [], why: "the ground imports nothing of ours" },
  { at: "lib/format", may: [], why: "the ground imports nothing of ours" },
  { at: "lib/log", may: [], why: "the ground imports nothing of ours" },
  { at: "lib/env", may: [...ground], why: "the ground imports nothing above it" },
  {
    at: "lib/db",
    may: [...ground, "prisma/generated"],
    not: noFramework,
    why: "the database room knows no domain nouns",
  },
  { at: "lib/storage", may: [...ground], not: noFramework, why: "storage knows files, not what is in them" },
  {
    at: "lib/queue",
    may: [...ground, "lib/db", "lib/engine/context"],
    not: noFramework,
    why: "the queue knows jobs by name only",
  },
  {
    at: "lib/engine",
    may: [...ground, "lib/db", "lib/storage", "prisma/generated"],
    not: [...noFramework, { name: /^pg-boss$/, instead: "ask for later work through ctx.enqueue" }],
    why: "the engine holds every rule and knows no door; doors and jobs call it",
  },
  { at: "lib/http", may: [...ground, ...schemas], not: noFramework, why: "what doors share knows no door and no verb" },
  {
    at: "lib/peer",
    may: [...ground, "lib/engine", "lib/http", "lib/context", "lib/env"],
    not: noFramework,
    why: "the peer door translates; a query or a rule in it is missing from the engine",
  },
  {
    at: "lib/vendors",
    may: [...ground, "lib/engine", "lib/http", "lib/context", "lib/env"],
    not: noFramework,
    why: "the vendors' doors translate; a query or a rule in them is missing from the engine",
  },
  {
    at: "lib/admin/contract",
    may: [...schemas, "lib/http/row"],
    not: noFramework,
    why: "browsers import the contract; it must stay pure",
  },
  {
    at: "lib/admin/call",
    may: ["lib/http/row"],
    not: noFramework,
    why: "browsers import the fetcher; it must stay pure",
  },
  {
    at: "lib/admin",
    may: [...ground, "lib/engine", "lib/http", "lib/auth", "lib/context", "lib/db/client"],
    why: "the dashboard's door translates; it must not reach the database itself",
  },
  { at: "lib/auth", may: [...ground, "lib/engine", "lib/context", "lib/env"], why: "sign-in asks the engine" },
  {
    at: "lib/jobs",
    may: [...ground, "lib/engine", "lib/queue", "lib/peer", "lib/db", "lib/env"],
    not: noFramework,
    why: "a job builds a context and calls one engine verb",
  },
  {
    at: "lib/reference",
    may: [
      ...schemas,
      "lib/engine/core/version",
      "lib/http",
      "lib/admin",
      "lib/peer/operation",
      "lib/peer/operations",
      "lib/vendors",
    ],
    not: noFramework,
    why: "the reference is made from the tables; it decides nothing",
  },
  {
    at: "lib/context",
    may: [...ground, "lib/db", "lib/engine/context", "lib/env", "lib/queue", "lib/peer/gateway"],
    why: "one place puts a process together",
  },
  { at: "lib/runtime", may: ["lib", "prisma", "scripts/lib"], why: "the runtime starts everything" },
  {
    at: "components/ui",
    may: ["lib/format", "components/ui"],
    why: "basic components know no domain; pass them what they show",
  },
  {
    at: "components",
    may: ["components", "lib/format", "lib/admin/contract", "lib/admin/call", "lib/http/row", ...schemas],
    why: "what runs in the browser sees contracts and schemas, never the server",
  },
  {
    at: "app",
    may: [
      "components",
      "lib/admin",
      "lib/peer/dispatch",
      "lib/peer/route",
      "lib/vendors/route",
      "lib/reference/serve",
      "lib/auth",
      "lib/engine",
      "lib/context",
      "lib/format",
    ],
    not: [{ name: /^(@prisma|pg|pg-boss)/, instead: "call an engine verb" }],
    why: "routes and pages compose; they reach data through doors and verbs",
  },
  { at: "proxy", may: ["lib/auth", "lib/env"], why: "the proxy only guards pages" },
];

interface Import {
  readonly file: string;
  readonly target: string;
}

const files = ["lib", "app", "components"].flatMap((folder) => sourcesBelow(folder)).concat("proxy.ts");

function sourcesBelow(folder: string): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const at = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : sourcesBelow(at);
    return /\.(ts|tsx|mjs)$/.test(entry.name) ? [at] : [];
  });
}

function importsOf(file: string): Import[] {
  const text = readFileSync(path.join(root, file), "utf8");
  const found = text.matchAll(/(?:\bfrom\s+|\bimport\s*\(\s*|^import\s+)["']([^"']+)["']/gm);
  return [...found].map((match) => ({ file, target: resolveTarget(file, match[1] ?? "") }));
}

/** Our own files become paths from the root without their ending; packages stay as they are. */
function resolveTarget(file: string, specifier: string): string {
  if (specifier.startsWith("@/")) return specifier.slice(2).replace(/\.(ts|tsx|mjs)$/, "");
  if (!specifier.startsWith(".")) return `npm:${specifier}`;
  return path.posix.join(path.posix.dirname(file), specifier).replace(/\.(ts|tsx|mjs)$/, "");
}

function roomOf(file: string): Room | undefined {
  const at = file.replace(/\.(ts|tsx|mjs)$/, "");
  return [...rooms].sort((a, b) => b.at.length - a.at.length).find((room) => isBelow(at, room.at));
}

function isBelow(file: string, prefix: string): boolean {
  const [before, after] = prefix.split("/*");
  if (after === undefined) return file === prefix || file.startsWith(`${prefix}/`);
  return file.startsWith(`${before}/`) && file.endsWith(after);
}

function brokenRule({ file, target }: Import): string | undefined {
  const room = roomOf(file);
  if (!room) return `${file}: belongs to no room; add it to tests/architecture.test.ts`;
  if (target.startsWith("npm:")) {
    const banned = room.not?.find((rule) => rule.name.test(target.slice(4)));
    return banned && `${file} imports ${target.slice(4)}: ${banned.instead}`;
  }
  if (isBelow(target, room.at) || room.may.some((prefix) => isBelow(target, prefix))) return undefined;
  if (target.endsWith(".css") || target === "package.json") return undefined;
  return `${file} imports ${target}: ${room.why}`;
}

describe("the house", () => {
  it("has files to look at", () => {
    expect(files.length).toBeGreaterThan(50);
    expect(files.flatMap(importsOf).length).toBeGreaterThan(200);
  });

  it("imports go one way", () => {
    expect(files.flatMap(importsOf).map(brokenRule).filter(Boolean)).toEqual([]);
  });

  it("a forbidden import is named together with what to do instead", () => {
    expect(brokenRule({ file: "lib/engine/x/y.ts", target: "lib/peer/client" })).toContain("knows no door");
    expect(brokenRule({ file: "components/x/y.tsx", target: "lib/engine/pairing/approve" })).toContain(
      "never the server",
    );
    expect(brokenRule({ file: "lib/engine/x/y.ts", target: "npm:pg-boss" })).toContain("ctx.enqueue");
  });

  it("engine nouns do not reach into each other's internals", () => {
    const reaching = files.flatMap(importsOf).filter(({ file, target }) => {
      const noun = /^(lib\/engine\/[^/]+)\/internal$/.exec(target)?.[1];
      return noun !== undefined && !isBelow(file, noun);
    });
    expect(reaching).toEqual([]);
  });

  it("only lib/env, lib/log and the runtime read the environment", () => {
    const allowed = /^lib\/(env\.ts|log\.ts|runtime\/)/;
    // NODE_ENV is no setting: Next writes it into what it builds.
    const readers = files.filter(
      (file) =>
        !allowed.test(file) && /process\.env\b(?!\.NODE_ENV\b)/.test(readFileSync(path.join(root, file), "utf8")),
    );
    expect(readers).toEqual([]);
  });

  it(`no file is longer than ${FILE_LINES_MAX} lines`, () => {
    const lines = (file: string) => readFileSync(path.join(root, file), "utf8").split("\n").length;
    expect(files.filter((file) => lines(file) > FILE_LINES_MAX)).toEqual([]);
  });

  it("nothing is left unfinished", () => {
    const marks = /\b(TO-?DO|FIX-?ME)\b|@ts-ignore|not implemented/;
    expect(files.filter((file) => marks.test(readFileSync(path.join(root, file), "utf8")))).toEqual([]);
  });
});

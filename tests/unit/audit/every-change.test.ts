import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { adminContract } from "@/lib/admin/contract";
import { dialects } from "@/lib/vendors";

const root = path.resolve(import.meta.dirname, "../../..");
const read = (file: string) => readFileSync(path.join(root, file), "utf8");

/** Calls that are no change of anybody's, each with its reason. */
const SILENT: Readonly<Record<string, string>> = {
  verifyAudit: "reads the trail, and keeps how far it came",
  getPasswordLink: "asks whose a link is; its secret travels in the body",
  probePeer: "looks who is there",
  previewPlan: "computes what a plan would come to",
  verifyAgentRequest: "asks without asking for",
  "powerstore promote_replication_session": "always refused: there is no metro session",
  "powerstore demote_replication_session": "always refused: there is no metro session",
  "powerstore modify_replication_session": "always refused: there is no metro session",
  "powerstore verify_remote_system": "looks who is there",
  "powerstore query_appliances_remote_system": "reads",
  "unitrends makeTarget": "every core is one already",
  "cbr addResources": "confirms what is so already",
};

/** Handlers that another function made, by the verb that they were made for. */
const MADE_FOR: Readonly<Record<string, string>> = {
  "powerstore add_members_volume_group": "addMembers",
  "powerstore remove_members_volume_group": "removeMembers",
};

interface Found {
  readonly file: string;
  readonly name: string;
  readonly body: string;
  readonly isExported: boolean;
}

/** The functions of the engine and of the vendors' doors, each with its text up to the next one. */
const functions: Found[] = ["lib/engine", "lib/vendors"]
  .flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" }).map((file) => path.join(folder, file)),
  )
  .filter((file) => file.endsWith(".ts"))
  .flatMap((file) => {
    const text = read(file);
    const heads = [...text.matchAll(/^(export )?(?:async )?(?:function\*? |const |class )(\w+)/gm)];
    return heads.map((head, at) => ({
      file,
      name: head[2] ?? "",
      body: text.slice(head.index + head[0].length, heads[at + 1]?.index),
      isExported: head[1] !== undefined,
    }));
  });
const byName = groupByName(functions);

function groupByName(all: readonly Found[]): Map<string, Found[]> {
  const grouped = new Map<string, Found[]>();
  for (const one of all) grouped.set(one.name, [...(grouped.get(one.name) ?? []), one]);
  return grouped;
}

const reaching = new Map<Found, boolean>();

/** Does a function, or one that it calls, write an entry? */
function writes(found: Found): boolean {
  const known = reaching.get(found);
  if (known !== undefined) return known;
  // What is being looked at adds nothing by itself: a circle ends here.
  reaching.set(found, false);
  const called = new Set([...found.body.matchAll(/(?<![.\w])(\w+)\(/g)].map(([, name]) => name ?? ""));
  // Another name of a verb.
  const alias = /^ = (\w+);/.exec(found.body)?.[1];
  if (alias) called.add(alias);
  const reaches = called.has("writeAudit") || [...called].some((name) => named(name, found.file).some(writes));
  reaching.set(found, reaches);
  return reaches;
}

/** What a name means in a file: its own function, else what another file gives out under it. */
function named(name: string, file: string): Found[] {
  const all = byName.get(name) ?? [];
  const own = all.filter((one) => one.file === file);
  return own.length > 0 ? own : all.filter(({ isExported }) => isExported);
}

const reachesAudit = (verb: string) => named(verb, "").some(writes);

const HANDLERS = readdirSync(path.join(root, "lib/admin"))
  .filter((file) => /handlers\.ts$/.test(file))
  .map((file) => read(path.join("lib/admin", file)));

/** The engine's verb behind a row of the native API. */
function verbOf(row: string): string {
  const text = HANDLERS.find((one) => one.includes(`\n  ${row}: `)) ?? "";
  const from = text.slice(text.indexOf(`\n  ${row}: `) + row.length + 4);
  const verbs = [...from.slice(0, from.search(/,\n {2}\w+:|,\n\n|,\n};/)).matchAll(/\b\w+\.(\w+)\b/g)];
  return verbs.map(([, verb]) => verb ?? "").find((verb) => byName.has(verb)) ?? `no verb of ${row}`;
}

describe("the audit trail", () => {
  it("has every change that the native API offers", () => {
    const changing = Object.entries(adminContract).filter(([, { method }]) => method !== "GET");
    const verbs = changing.map(([row]) => ({ row, verb: verbOf(row) }));
    expect(changing.length).toBeGreaterThan(80);
    expect(verbs.filter(({ row, verb }) => !(row in SILENT) && !reachesAudit(verb))).toEqual([]);
  });

  it("has every change that the doors of other products offer", async () => {
    const rows = dialects.flatMap(({ door, rows }) =>
      rows.filter(({ method }) => method !== "GET").map((row) => ({ door, row })),
    );
    const verbs = rows.map(async ({ door, row }) => {
      const name = `${door} ${row.name}`;
      return { row: name, verb: MADE_FOR[name] ?? (await row.handler()).name };
    });
    const silent = (await Promise.all(verbs)).filter(({ row, verb }) => !(row in SILENT) && !reachesAudit(verb));
    expect(rows.length).toBeGreaterThan(30);
    expect(silent).toEqual([]);
  });

  it("is not said to be written by what only reads", () => {
    const readers = ["searchAudit", "listAgents", "getCoreSummary", "browseImage", "listSessions", "verifyAudit"];
    expect(readers.filter(reachesAudit)).toEqual([]);
  });
});

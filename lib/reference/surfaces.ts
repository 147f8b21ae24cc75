import { API_PREFIX } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { DoorName } from "@/lib/engine/doors/schemas";
import type { Row } from "@/lib/http/row";
import { type AnyOperation, type Auth, PEER_PREFIX } from "@/lib/peer/operation";
import { operations } from "@/lib/peer/operations";
import { dialects } from "@/lib/vendors";
import type { DescribedOperation, Surface } from "./document";
import { vendorOperation } from "./vendors";

export const SURFACES = ["native", "peer", "unitrends", "powerstore", "cbr", "veeam"] as const;
export type SurfaceName = (typeof SURFACES)[number];

/** A whole API of this core, from the table that serves it. */
export function surfaceOf(name: SurfaceName, version: string): Surface {
  switch (name) {
    case "native":
      return {
        title: "Twincore native API",
        description: "What the dashboard itself uses. Send a bearer token from Settings.",
        version,
        base: API_PREFIX,
        operations: Object.entries(adminContract).map(([key, row]) => nativeOperation(key, row)),
      };
    case "peer":
      return {
        title: "ReplicationCommunication",
        description:
          "What cores say to each other, over mutual TLS on the peer listener. XML unless JSON is asked for.",
        version,
        base: PEER_PREFIX,
        operations: operations.filter((row) => !row.isOldSpelling).map(peerOperation),
      };
    default:
      return vendorSurface(name, version);
  }
}

const VENDORS: Readonly<Record<DoorName, { title: string; description: string }>> = {
  unitrends: {
    title: "Unitrends",
    description:
      "What clients of a Unitrends appliance call. Sign in at /api/login; the token goes into the header AuthToken.",
  },
  powerstore: {
    title: "Dell PowerStore",
    description:
      "What clients of PowerStore's REST API call. Basic or a cookie of login_session, with DELL-EMC-TOKEN for changes.",
  },
  cbr: {
    title: "Open Telekom Cloud CBR",
    description:
      "What clients of Cloud Backup and Recovery call. X-Auth-Token from /v3/auth/tokens, or requests signed by an access key.",
  },
  veeam: {
    title: "Veeam Backup for Microsoft 365",
    description:
      "What clients of Veeam's REST API call for repositories and their synchronization. Bearer from /v5/token.",
  },
};

function vendorSurface(name: DoorName, version: string): Surface {
  const rows = dialects.find(({ door }) => door === name)?.rows ?? [];
  return { ...VENDORS[name], version, base: "/", operations: rows.map(vendorOperation) };
}

function nativeOperation(name: string, row: Row): DescribedOperation {
  const withBody = row.method !== "GET" && row.method !== "DELETE";
  return {
    name,
    group: inWords(row.path.split("/")[1] ?? ""),
    method: row.method,
    path: row.path,
    aliases: [],
    summary: row.summary,
    access: row.roles === "anyone" ? "Anyone" : row.roles.join(", "),
    input: row.input,
    body: withBody ? "json" : "none",
    output: row.output,
    answer: "json",
  };
}

/** "recovery-points" as a heading. */
const inWords = (segment: string) => segment.charAt(0).toUpperCase() + segment.slice(1).replaceAll("-", " ");

const ACCESS: Readonly<Record<Auth, string>> = {
  anyone: "Anyone",
  pending: "A core that has asked for pairing, or is paired",
  paired: "A paired core, by its issued certificate",
  administrator: "An administrator of this core, by Basic",
  "paired-administrator": "A paired core, with an administrator of this core by Basic",
  enrolling: "An administrator of this core by Basic, or an enrolment token",
};

function peerOperation(row: AnyOperation): DescribedOperation {
  return {
    name: row.name,
    group: groupOf(row.path),
    method: row.method,
    path: row.path,
    aliases: [...(row.aliases ?? []), ...oldSpellingsOf(row)],
    summary: row.summary,
    access: ACCESS[row.auth],
    input: row.input,
    body: row.body,
    output: row.output,
    answer: row.answer,
    xml: { body: row.inputRoots ?? [], answer: row.xmlRoot },
  };
}

/** Rows that answer the same operation at an older address. */
const oldSpellingsOf = ({ name }: AnyOperation): string[] =>
  operations.filter((row) => row.isOldSpelling && row.name === name).map(({ method, path }) => `${method} ${path}`);

const GROUPS: readonly (readonly [RegExp, string])[] = [
  [/pairing|validate|replication\/verifyStart\?|core\/summary|cores\/masters/, "Pairing"],
  [/newsession|sessions\/\{uploadSessionId\}|exchange/, "Uploads"],
  [/^\/directreplication|connection$|fileinfo$/, "Direct sessions"],
  [/sessions|\{jobId\}\/\{sessionId\}|transferredblocks/, "Image sessions"],
  [/[jJ]ob|status$|metadataUpdate/, "Jobs and metadata"],
  [/rps|VolumeImages$/, "Recovery points"],
  [/storage|freeSpace|repositories|Relationships/i, "Storage"],
  [/^\/consumedSeedDrives/, "Seed drives"],
];

const groupOf = (path: string): string => GROUPS.find(([pattern]) => pattern.test(path))?.[1] ?? "Agents";

import { randomUUID, X509Certificate } from "node:crypto";
import path from "node:path";
import { encode } from "next-auth/jwt";
import { authSecret, SIGN_IN_COOKIE } from "@/lib/auth/sign-in-cookie";
import { createApiToken, createSignIn } from "@/lib/engine/accounts";
import { Role } from "@/lib/engine/accounts/schemas";
import type { Scope } from "@/lib/engine/accounts/scopes";
import type { AccountActor } from "@/lib/engine/context";
import { DoorName } from "@/lib/engine/doors/schemas";
import { createRepository } from "@/lib/engine/repositories";
import { loadListenerCertificate, sha256 } from "@/lib/engine/trust";
import { openVendorSignIn } from "@/lib/engine/vendor-sign-ins";
import { CERTIFICATE_HEADER } from "@/lib/peer/identity";
import { PeerCore } from "../../support/peer-core";
import { VendorCore } from "../../support/vendor-core";
import { type Full, fillTenant } from "./two-tenants";

export const TENANCIES = ["whole core", "owner", "stranger"] as const;
export type Tenancy = (typeof TENANCIES)[number];

/** How an account shows who it is. "without scope": a token that may read where the row writes, and the other way round. */
export type Shown = "cookie" | "token" | "without scope" | "vendor sign-in" | "peer certificate" | "nothing";

/** One account with everything that it may show. */
export interface Person {
  readonly email: string;
  readonly cookie: string;
  readonly token: string;
  readonly reads: string;
  readonly writes: string;
  /** Of each door: the headers that a sign-in gave out; by a token that may do all, that may only read, that may only write. */
  readonly signIns: Readonly<Record<DoorName, Readonly<Record<string, string>>>>;
}

const ORIGIN = "https://core.example:8443";

/** A core with two tenants full of objects, and one account for each role that knows of all, of the first, or of the second tenant. */
export class RightsCore {
  private constructor(
    readonly peer: PeerCore,
    readonly vendors: VendorCore,
    readonly owner: Full,
    readonly stranger: Full,
    /** The repository in which both have their records. */
    readonly sharedId: string,
    private readonly people: ReadonlyMap<string, Person>,
    /** As the peer listener stamps it: the certificate of the core that is paired for the first tenant. */
    readonly peerHeaders: Readonly<Record<string, string>>,
    private readonly serve: (request: Request) => Promise<Response>,
  ) {}

  static async start(): Promise<RightsCore> {
    const peer = await PeerCore.start("Vault");
    Object.assign(process.env, {
      DATABASE_URL: peer.db.url,
      TWINCORE_SECRET: peer.secret.toString("hex"),
      TWINCORE_PEER_URL: peer.url,
      TWINCORE_VENDOR_URL: "https://core.example:4443",
      TWINCORE_WEB_URL: ORIGIN,
      TWINCORE_HOME: peer.home,
    });
    const { serveAdmin } = await import("@/lib/admin/serve");
    const vendors = await VendorCore.around(peer);
    const folder = path.join(peer.home, "secret-folder");
    const shared = await createRepository(peer.ctx(), { name: "shared", path: folder, attach: false });
    const owner = await fillTenant(peer, "acme", shared.id);
    const stranger = await fillTenant(peer, "bolt", shared.id);
    const tenantOf = { "whole core": null, owner: owner.tenantId, stranger: stranger.tenantId };
    const people = new Map<string, Person>();
    for (const role of Role.options)
      for (const tenancy of TENANCIES)
        people.set(`${role} ${tenancy}`, await makePerson(peer, role, tenancy, tenantOf[tenancy]));
    const peerHeaders = await pairedHeaders(peer, owner.ids.pairing ?? "");
    return new RightsCore(peer, vendors, owner, stranger, shared.id, people, peerHeaders, serveAdmin);
  }

  person(role: Role, tenancy: Tenancy): Person {
    const found = this.people.get(`${role} ${tenancy}`);
    if (!found) throw new Error(`nobody is ${role} of ${tenancy}`);
    return found;
  }

  /** One call of the native API. */
  native(
    method: string,
    at: string,
    { headers = {}, body }: { headers?: Record<string, string>; body?: string } = {},
  ): Promise<Response> {
    const all = { host: new URL(ORIGIN).host, origin: ORIGIN, "content-type": "application/json", ...headers };
    return this.serve(new Request(`${ORIGIN}/api/v1${at}`, { method, headers: all, body }));
  }
}

async function pairedHeaders(peer: PeerCore, pairingId: string): Promise<Record<string, string>> {
  const { cert } = await loadListenerCertificate(peer.db, peer.secret, { name: "peer", hosts: ["127.0.0.1"] });
  const { raw } = new X509Certificate(cert);
  const dates = { notBefore: new Date(0), notAfter: new Date(Date.now() + 86_400_000) };
  await peer.db.prisma.pairingCertificate.create({ data: { fingerprint: sha256(raw), pairingId, ...dates } });
  return { [CERTIFICATE_HEADER]: raw.toString("base64") };
}

async function makePerson(peer: PeerCore, role: Role, tenancy: Tenancy, tenantId: string | null): Promise<Person> {
  const email = `${role}-${tenancy.replace(" ", "-")}@example.com`;
  const { id } = await peer.db.prisma.account.create({
    data: {
      ...{ email, name: email, role, allTenants: tenantId === null },
      tenants: { create: tenantId === null ? [] : [{ tenantId }] },
    },
  });
  const credential = { kind: "browser", id: null, provenAt: new Date(), scopes: null } as const;
  const tenantIds = tenantId === null ? null : [tenantId];
  const actor: AccountActor = { kind: "account", accountId: id, name: email, role, tenantIds, credential };
  const make = async (scopes: Scope[]) =>
    (await createApiToken(peer.ctx(actor), { name: scopes.join(" "), expiresInDays: 1, scopes })).token;
  const token = await make(["*:read", "*:write", "protected"]);
  const signIn = await createSignIn(peer.ctx(), { accountId: id, address: "192.0.2.1", userAgent: "test" });
  const jwt = await encode({ token: { signInId: signIn.id }, secret: authSecret(peer.secret) });
  const signIns = Object.fromEntries(
    await Promise.all(DoorName.options.map(async (door) => [door, await signedIn(peer, door, email, token)])),
  );
  return {
    ...{ email, token, cookie: `${SIGN_IN_COOKIE}=${jwt}`, signIns },
    reads: await make(["*:read"]),
    writes: await make(["*:write"]),
  };
}

/** A sign-in of a vendor's client, opened with a token in the password's place. */
async function signedIn(peer: PeerCore, door: DoorName, email: string, password: string) {
  const second = door === "powerstore" ? "paired" : undefined;
  const life = { lifeSeconds: 3600, second } as const;
  const opened = await openVendorSignIn(peer.ctx(), { ...life, door, email, password, address: "192.0.2.1" });
  return vendorHeaders(door, { token: opened.token, second: opened.second });
}

/** A token of a sign-in as the clients of a door send it. */
export function vendorHeaders(
  door: DoorName,
  { token, second }: { token: string; second?: string | null },
): Record<string, string> {
  switch (door) {
    case "unitrends":
      return { authtoken: token };
    case "powerstore":
      return { cookie: `auth_cookie=${token}`, "dell-emc-token": second ?? "" };
    case "cbr":
      return { "x-auth-token": token };
    case "veeam":
      return { authorization: `Bearer ${token}` };
    default:
      return door satisfies never;
  }
}

/** An API token in the place where the clients of a door put theirs. */
export function apiTokenHeaders(door: DoorName, email: string, token: string): Record<string, string> {
  if (door !== "powerstore") return vendorHeaders(door, { token });
  return { authorization: `Basic ${Buffer.from(`${email}:${token}`).toString("base64")}` };
}

export const fillPath = (template: string, part: (name: string) => string): string =>
  (template.split("?")[0] ?? "").replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(part(name)));

/** Does the work a few at a time: all at once would only wait for the database. */
export async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

export const nobody = (): string => randomUUID();

import { databaseOf } from "@/lib/context";
import { createAccount } from "@/lib/engine/accounts";
import type { Role } from "@/lib/engine/accounts/schemas";
import { log } from "@/lib/log";
import { dialects } from "@/lib/vendors";
import type { Dialect } from "@/lib/vendors/dialect";
import { serveVendors, VENDOR_ROOM } from "@/lib/vendors/serve";
import { PeerCore } from "./peer-core";

export const VENDOR_PASSWORD = "a long enough password";

export interface VendorRequest {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  /** An object goes as JSON; a text as it is. */
  readonly body?: unknown;
  readonly address?: string;
}

/** A core whose vendor listener is called without sockets: the doors, real Postgres, real files. `peer` is the whole core behind it. */
export class VendorCore {
  /** What failed inside: errors that a client is told nothing of. */
  readonly failures: unknown[] = [];

  private constructor(
    readonly peer: PeerCore,
    private readonly doors: readonly Dialect[],
  ) {
    this.log.error = (...args: unknown[]) => void this.failures.push(args);
  }

  /** With one account per role, whose address is `<role>@example.com` and whose password is VENDOR_PASSWORD. */
  static async start(name: string, doors: readonly Dialect[] = dialects): Promise<VendorCore> {
    return VendorCore.around(await PeerCore.start(name), doors);
  }

  static async around(peer: PeerCore, doors: readonly Dialect[] = dialects): Promise<VendorCore> {
    for (const role of ["administrator", "approver", "engineer", "billing", "reader"] as const satisfies Role[])
      await createAccount(peer.ctx(), { name: role, email: `${role}@example.com`, password: VENDOR_PASSWORD, role });
    return new VendorCore(peer, doors);
  }

  private readonly log = log.child({}, { level: "error" });

  /** One request as the vendor listener hands it on. */
  call(
    path: string,
    { method = "GET", headers = {}, body, address = "192.0.2.7" }: VendorRequest = {},
  ): Promise<Response> {
    const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    const request = new Request(`https://core.test:4443${VENDOR_ROOM}${path.replace(/\/(?=\?|$)/, "")}`, {
      method,
      headers: { host: "core.test:4443", "x-twincore-client-address": address, ...headers },
      body: text,
    });
    return serveVendors(request, {
      dialects: this.doors,
      context: (actor, row, { requestId, address: from }) => {
        const ctx = this.peer.ctx();
        const db = row?.reach === "own" ? ctx.db : databaseOf(ctx.db, actor);
        return { ...ctx, db, log: this.log, actor, requestId, address: from };
      },
    });
  }
}

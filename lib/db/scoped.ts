import "server-only";
import { z } from "zod";
import type { Database } from "./client";

/** The role that the migrations give row security to; whoever owns the tables has none. */
const ROLE = "twincore_scoped";
/** Accounts whose databases are kept open. What falls out loses its connections by itself when they have been idle for a while. */
const OPEN_MAX = 32;
/** A page asks for a few lists at once. */
const CONNECTIONS_MAX = 3;

/** Who asks, and of which tenants alone there may be answers. None: nothing is seen. */
export interface Scope {
  readonly accountId: string;
  readonly tenantIds: readonly string[];
}

/** It goes into the settings of a connection: nothing but ids may be in it. */
const Scope = z.object({ accountId: z.uuid(), tenantIds: z.array(z.uuid()) });

/**
 * Databases of accounts that are bound to tenants. Each has connections of its own, because what may be seen is a setting of the
 * connection: two accounts that shared one could be batched into one statement.
 */
export class ScopedDatabases {
  private readonly kept = new Map<string, Database>();

  constructor(private readonly connect: (settings: string, connectionsMax: number) => Database) {}

  open(scope: Scope): Database {
    const { accountId, tenantIds } = Scope.parse(scope);
    const tenants = [...tenantIds].sort().join(",");
    const key = `${accountId} ${tenants}`;
    const settings = `-c role=${ROLE} -c twincore.account=${accountId} -c twincore.tenants={${tenants}}`;
    const database = this.kept.get(key) ?? this.connect(settings, CONNECTIONS_MAX);
    this.kept.delete(key);
    this.kept.set(key, database);
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= OPEN_MAX) break;
      this.kept.delete(oldest);
    }
    return database;
  }

  async close(): Promise<void> {
    const databases = [...this.kept.values()];
    this.kept.clear();
    await Promise.all(databases.map((database) => database.close()));
  }
}

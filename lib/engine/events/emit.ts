import "server-only";
import type { Tx } from "@/lib/db/client";
import type { EventMessage } from "@/lib/engine/core/schemas";

/** The NOTIFY channel on which every web process hears of new events; the database's own function emit_events tells it. */
export const EVENT_CHANNEL = "twincore_event";

/** Tells every open page that something changed. Part of the caller's transaction: heard when it commits, never before. */
export async function emitEvent(tx: Tx, kind: EventMessage["kind"], subject: string): Promise<void> {
  await emitEvents(tx, kind, [subject]);
}

/** The same for many subjects in one statement. */
export async function emitEvents(tx: Tx, kind: EventMessage["kind"], subjects: string[]): Promise<void> {
  await tx.$executeRaw`select emit_events(${kind}, ${subjects}::text[])`;
}

/** What is said on the channel when somebody's rights changed: every open stream asks anew whether it may go on. */
export const RIGHTS_CHANGED = "rights";

/** A sign-in ended, or an account may do something else from now on. Part of the caller's transaction. */
export async function emitRightsChange(tx: Tx): Promise<void> {
  await tx.$executeRaw`select pg_notify(${EVENT_CHANNEL}, ${RIGHTS_CHANGED})`;
}

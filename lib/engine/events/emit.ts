import "server-only";
import type { Tx } from "@/lib/db/client";
import type { EventMessage } from "@/lib/engine/core/schemas";

/** The NOTIFY channel on which every web process hears of new events. */
export const EVENT_CHANNEL = "twincore_event";

/** Tells every open page that something changed. Part of the caller's transaction: heard when it commits, never before. */
export async function emitEvent(tx: Tx, kind: EventMessage["kind"], subject: string): Promise<void> {
  await tx.$executeRaw`
    with e as (insert into event (kind, subject, at) values (${kind}, ${subject}, now()) returning id)
    select pg_notify(${EVENT_CHANNEL}, id::text) from e`;
}

/** The same for many subjects in one statement. */
export async function emitEvents(tx: Tx, kind: EventMessage["kind"], subjects: string[]): Promise<void> {
  await tx.$executeRaw`
    with e as (insert into event (kind, subject, at) select ${kind}, unnest(${subjects}::text[]), now() returning id)
    select pg_notify(${EVENT_CHANNEL}, id::text) from e`;
}

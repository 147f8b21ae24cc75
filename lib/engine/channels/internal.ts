import "server-only";
import { isIP } from "node:net";
import type { Tx } from "@/lib/db/client";
import { conflict, invalidInput } from "@/lib/errors";
import { refuseAddress } from "./addresses";

/** Changes of channels are rare: one at a time spares every race between them. */
export async function lockChannels(tx: Tx): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended('channels', 0))`;
}

export async function assertNameFree(tx: Tx, name: string, exceptId?: string): Promise<void> {
  const other = await tx.channel.findUnique({ where: { name }, select: { id: true } });
  if (other && other.id !== exceptId) throw conflict(`There is a channel named ${name} already.`, "exists");
}

/** What can be said of an address before it is dialled. Throws invalid_input. */
export function assertReceiver(address: string, isInside: boolean): void {
  const url = new URL(address);
  if (url.username || url.password)
    throw invalidInput("Leave name and password out of the address: messages are signed instead.", "url");
  if (url.protocol === "http:" && !isInside)
    throw invalidInput(
      "Use https://. Plain HTTP is only for receivers inside this network, and you have to say that it is one.",
      "url",
    );
  const literal = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const refusal = isIP(literal) ? refuseAddress(literal, isInside) : null;
  if (refusal) throw invalidInput(refusal, "url");
  if (!isInside && /(^|\.)localhost$/i.test(url.hostname))
    throw invalidInput("localhost is this machine. If its receiver is meant to be here, say so.", "url");
}

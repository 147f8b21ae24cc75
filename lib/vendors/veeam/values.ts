import { z } from "zod";
import { Id } from "@/lib/engine/schemas";
import type { VendorCall } from "../row";

/** Ids in any letter case. */
export const VeeamId = Id.transform((id) => id.toLowerCase());

/** A query parameter that clients send empty counts as absent. */
export const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === "" ? undefined : value), schema.optional());

/** Large collections come in pages. */
export const Paging = {
  offset: optional(z.coerce.number().int().min(0).max(1_000_000)).transform((offset) => offset ?? 0),
  limit: optional(z.coerce.number().int().min(1).max(10_000)).transform((limit) => limit ?? 30),
};

/** Of the address: v5 or v6, whatever its letter case. */
export const versionOf = ({ path }: Pick<VendorCall, "path">): "v5" | "v6" => (/^\/v6(\/|$)/i.test(path) ? "v6" : "v5");

/** Makes addresses as the version writes them: whole in v5, from the root in v6. */
export type Linker = (path: string) => { href: string };
export function linkerOf(call: Pick<VendorCall, "path" | "baseUrl">): Linker {
  const version = versionOf(call);
  return (path) => ({ href: `${version === "v5" ? call.baseUrl : ""}/${version}/${path}` });
}

/** A page of a large collection, with links to its neighbours. */
export function toPage<T>(
  { items, total }: { items: readonly T[]; total: number },
  { offset, limit }: { offset: number; limit: number },
  at: string,
  link: Linker,
) {
  const to = (start: number) => link(`${at}?limit=${limit}&offset=${start}`);
  return {
    offset,
    limit,
    results: [...items],
    _links: {
      self: to(offset),
      first: to(0),
      ...(offset > 0 ? { prev: to(Math.max(0, offset - limit)) } : {}),
      ...(offset + items.length < total ? { next: to(offset + limit) } : {}),
    },
  };
}

export const Link = z.object({ href: z.string() });
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({
    offset: z.number(),
    limit: z.number(),
    results: z.array(item),
    _links: z.object({ self: Link, first: Link, prev: Link.optional(), next: Link.optional() }),
  });

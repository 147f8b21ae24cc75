import { z } from "zod";

// Shapes that more than one noun uses. Pure: browsers import this too.

/** Any GUID: those of existing clients need not be of a version that RFC 9562 knows. */
export const Id = z.guid();
export const Instant = z.iso.datetime({ offset: true });
/** Bytes as a JSON number; 2^53 bytes are 8 PiB. */
export const Bytes = z.number().int().nonnegative();

export const PageInput = z.object({
  /** Opaque; from `nextCursor` of the page before. */
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export const page = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable(), total: z.number().int().nonnegative() });

export const Failure = z.object({ code: z.string(), message: z.string() });

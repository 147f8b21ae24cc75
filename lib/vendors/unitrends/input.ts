import { z } from "zod";

// Values as clients of this API send them: numbers as texts, yes and no in any of their spellings.

/** A number, or a text that is one. */
export const Whole = z
  .union([z.number().int(), z.string().trim().regex(/^-?\d{1,15}$/, "Give a whole number.")])
  .transform(Number)
  .pipe(z.number().int());

export const Id = Whole.pipe(z.number().int().min(1).max(2_147_483_647));

/** An empty text, as forms send it for nothing chosen, is nothing. */
export const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === "" || value === null ? undefined : value), schema.optional());

const TRUE = ["true", "1", "yes", "on"];
const FALSE = ["false", "0", "no", "off"];

export const YesOrNo = z
  .union([z.boolean(), z.number(), z.string().trim().toLowerCase()])
  .transform((value, ctx) => {
    const text = String(value);
    if (TRUE.includes(text)) return true;
    if (FALSE.includes(text)) return false;
    ctx.addIssue({ code: "custom", message: "Give true or false." });
    return z.NEVER;
  });

/** One, a list, or a text with commas between them. */
export const Ids = z
  .union([
    Whole.transform((one) => [one]),
    z.array(Whole).min(1).max(1_000),
    z
      .string()
      .max(12_000)
      .transform((text) => text.split(",").map((part) => part.trim()))
      .pipe(z.array(Whole).min(1).max(1_000)),
  ])
  .pipe(z.array(z.number().int().positive().max(Number.MAX_SAFE_INTEGER)).min(1).max(1_000));

export const Text = (max: number) => z.union([z.string(), z.number()]).transform(String).pipe(z.string().trim().max(max));

/** Selects one managed system; on every call. */
export const Sid = optional(Whole);

export const Paging = {
  /** Of the first row, from 1. */
  start_position: optional(Whole.pipe(z.number().int().min(1).max(10_000_000))),
  limit: optional(Whole.pipe(z.number().int().min(1).max(2_000))),
};

import { z } from "zod";

// Values as clients of this API send them: numbers as texts, yes and no in any of their spellings.

/** A number, or a text that is one. */
export const Whole = z
  .union([
    z.number().int(),
    z
      .string()
      .trim()
      .regex(/^-?\d{1,15}$/, "Give a whole number."),
  ])
  .transform(Number)
  .pipe(z.number().int());

export const Id = Whole.pipe(z.number().int().min(1).max(2_147_483_647));

/** An empty text, as forms send it for nothing chosen, is nothing. */
export const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === "" || value === null ? undefined : value), schema.optional());

const TRUE = ["true", "1", "yes", "on"];
const FALSE = ["false", "0", "no", "off"];

export const YesOrNo = z.union([z.boolean(), z.number(), z.string().trim().toLowerCase()]).transform((value, ctx) => {
  const text = String(value);
  if (TRUE.includes(text)) return true;
  if (FALSE.includes(text)) return false;
  ctx.addIssue({ code: "custom", message: "Give true or false." });
  return z.NEVER;
});

const List = z.array(Whole).min(1).max(1_000);

/** One, a list, or a text with commas between them. */
export const Ids = z
  .union([
    List,
    z.number().transform((one) => [one]),
    z
      .string()
      .max(12_000)
      .transform((text): (string | number)[] => text.split(",").map((part) => part.trim()))
      .pipe(List),
  ])
  .pipe(z.array(z.number().int().positive().max(Number.MAX_SAFE_INTEGER)));

export const Text = (max: number) =>
  z.union([z.string(), z.number()]).transform(String).pipe(z.string().trim().max(max));

const NUMBER_MAX = 2_147_483_647;

/** A system: accepted ones are positive, requests negative. */
export const SystemId = Whole.pipe(z.number().int().min(-NUMBER_MAX).max(NUMBER_MAX));
export const SystemIds = Ids.pipe(z.array(z.number().int().max(NUMBER_MAX)));

/** Selects one managed system; on every call. */
export const Sid = optional(SystemId);

export const Paging = {
  /** Of the first row, from 1. */
  start_position: optional(Whole.pipe(z.number().int().min(1).max(10_000_000))),
  limit: optional(Whole.pipe(z.number().int().min(1).max(2_000))),
};

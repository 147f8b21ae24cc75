import { z } from "zod";
import { everyone, operators, vendorRow } from "../../row";
import { strategyOf } from "../convert/words";
import { optional, Sid, Text, Whole } from "../input";
import { Config, Done, Throttle } from "../output";

const DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
/** A number from 0 = Sunday, or a name of at least three letters. */
const Day = z.union([z.number(), z.string().trim()]).transform((value, ctx) => {
  const text = String(value).toLowerCase();
  const named = text.length >= 3 ? DAYS.findIndex((day) => day.startsWith(text)) : -1;
  const day = named >= 0 ? named : /^[0-6]$/.test(text) ? Number(text) : -1;
  if (day >= 0) return day;
  ctx.addIssue({ code: "custom", message: "Give days as 0 (Sunday) to 6, or by name." });
  return z.NEVER;
});
const Time = Text(8).transform((text) => (/^\d:/.test(text) ? `0${text}` : text).slice(0, 5));
const Window = z.object({
  percentage: Whole,
  days: z.array(Day).min(1).max(7),
  start: Time,
  end: Time,
});
const Windows = z.array(Window).max(336);
const handlers = () => import("../handlers/settings");

export const settingsRows = [
  vendorRow({
    name: "getConfig",
    reach: "tenant",
    method: "GET",
    path: "/api/replication/config",
    summary: "How many replications go on at once, in which order, and who wants reports.",
    roles: everyone,
    input: z.object({ sid: Sid }),
    output: z.object({ config: Config }),
    status: 200,
    handler: async () => (await handlers()).getConfig,
  }),
  vendorRow({
    name: "setConfig",
    method: "PUT",
    path: "/api/replication/config",
    summary: "Change what is given.",
    roles: operators,
    input: z.object({
      max_concurrent: optional(Whole),
      report_mail_to: z.union([z.string().trim().max(254), z.null()]).optional(),
      report_time: optional(Time),
      queue_value: optional(
        Text(40).refine((text) => strategyOf(text) !== null, "Give 0, 1 or 2, or the strategy's name."),
      ),
    }),
    output: Done,
    status: 200,
    handler: async () => (await handlers()).setConfig,
  }),
  vendorRow({
    name: "getThrottle",
    reach: "tenant",
    method: "GET",
    path: "/api/replication/throttle",
    summary: "When how much of which bandwidth may be used.",
    roles: everyone,
    input: z.object({ sid: Sid }),
    output: Throttle,
    status: 200,
    handler: async () => (await handlers()).getThrottle,
  }),
  vendorRow({
    name: "setThrottle",
    method: "PUT",
    path: "/api/replication/throttle",
    summary: "Change the throttle; what is being sent follows at once.",
    roles: operators,
    input: z.object({
      throttle: Windows.optional(),
      BlockoutPeriod: z
        .array(Window.omit({ percentage: true }))
        .max(336)
        .optional(),
      bandwidth: optional(z.coerce.number().min(0).max(1e9)),
      bandwidths: z
        .array(z.object({ value: z.coerce.number().min(0).max(1e9), selected: z.union([z.boolean(), z.number()]) }))
        .max(100)
        .optional(),
      time_zone: optional(Text(64)),
    }),
    output: Done,
    status: 200,
    handler: async () => (await handlers()).setThrottle,
  }),
] as const;

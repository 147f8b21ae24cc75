import { z } from "zod";

/** Ids as clients write them: with hyphens, or without as project ids go there; always read as the engine has them. */
export const CbrId = z
  .string()
  .regex(/^([0-9a-f]{32}|[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12})$/i, "This is no id.")
  .transform((text) => {
    const hex = text.replaceAll("-", "").toLowerCase();
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  });

/** A project's id as this API writes it. */
export const toProjectId = (tenantId: string): string => tenantId.replaceAll("-", "");

/** 2019-05-10T07:59:12.037+00:00 */
export const toTime = (instant: string): string => instant.replace(/Z$/, "+00:00");
export const toTimeOrNull = (instant: string | null): string | null => (instant === null ? null : toTime(instant));

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
/** Whole gigabytes, as this API counts disks: never less than what is there. */
export const toGigabytes = (bytes: number): number => Math.ceil(bytes / GIB);
export const toMegabytes = (bytes: number): number => Math.ceil(bytes / MIB);

/** Which provider: a server, a disk. The same ids in every installation of this API. */
export const PROVIDER = {
  server: "0daac4c5-6707-4851-97ba-169e36266b66",
  disk: "d1603440-187d-4516-af25-121250c7cc97",
} as const;

/** A volume as a resource: its images are disks, folder trees are file shares. */
export const RESOURCE_TYPE = {
  agent: "OS::Nova::Server",
  image: "OS::Cinder::Volume",
  stream: "OS::Cinder::Volume",
  folder: "OS::Sfs::Turbo",
} as const;

/** A time in a query: 2018-02-01T12:00:00Z, with or without a zone; without one it is UTC. */
export const QueryTime = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?(Z|[+-]\d\d:?\d\d)?$/, "This is no time.")
  .transform((text, context) => {
    const zoned = /(Z|[+-]\d\d:?\d\d)$/.test(text.slice(10))
      ? text
      : `${text.length > 10 ? text : `${text}T00:00:00`}Z`;
    const time = new Date(zoned.replace(" ", "T"));
    if (!Number.isNaN(time.getTime())) return time;
    context.addIssue("This is no time.");
    return z.NEVER;
  });

/** true and false as queries write them. */
export const QueryFlag = z.enum(["true", "false", "True", "False"]).transform((text) => text.toLowerCase() === "true");

/** An empty parameter of a query counts as absent: clients send them so. */
export const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === "" || value === null ? undefined : value), schema.optional());

export const Paging = {
  limit: optional(z.coerce.number().int().min(1).max(1000)).transform((limit) => limit ?? 1000),
  offset: optional(z.coerce.number().int().min(0).max(1_000_000)).transform((offset) => offset ?? 0),
};

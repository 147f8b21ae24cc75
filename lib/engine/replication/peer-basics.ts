import { z } from "zod";
import { Bytes, Id } from "@/lib/engine/schemas";

/** What several shapes of the contract are made of. Pure. */

/** Keys that one NegotiateMissingRecords may carry: 2.75 MiB of them, and a fraction of a second in the database. */
export const KEYS_PER_BATCH = 65_536;
/** Most of a summary list in one answer: about 5 MiB of JSON. */
export const POINTS_PER_ANSWER = 10_000;
export const POINTS_PER_PAGE = 1_000;
/** Volumes of one agent, so images of one point. */
export const VOLUMES_MAX = 1_000;

export const Name = z.string().min(1).max(253);
/** SHA-256, hexadecimal. */
export const Hash = z.string().regex(/^[0-9a-f]{64}$/);
export const Count = z.number().int().nonnegative();
export const PointLabel = z.string().max(120);
export const Kind = z.enum(["folder", "image", "stream"]);

export const AgentRef = z.object({ agentId: Id });
export const JobRef = z.object({ agentId: Id, jobId: Id });

/** The target's own rate cap for this pairing, bytes per second. */
export const MaxTransferSpeed = Bytes.nullable().default(null);

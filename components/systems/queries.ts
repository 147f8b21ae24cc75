import { pagedOptions } from "@/components/feedback/use-paged";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { System } from "@/lib/engine/systems/schemas";

/** As many as one page of the topology shows at a time. */
const LIMIT = 100;
/** Whether a core is online is told by no event: it is the absence of words. */
const LOOK_MS = 30_000;

export const systemsQuery = (filter: { includeRejected: boolean }) =>
  pagedOptions<System>(
    ["systems", filter],
    (cursor, signal) => callAdmin(adminContract.listSystems, { ...filter, limit: LIMIT, cursor }, signal),
    () => LOOK_MS,
  );

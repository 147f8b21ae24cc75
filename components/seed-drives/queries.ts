import { queryOptions } from "@tanstack/react-query";
import { pagedOptions } from "@/components/feedback/use-paged";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { SeedDriveSummary } from "@/lib/engine/seed-drives/schemas";

/** While a drive is written or read, figures change about once a second. */
const MOVING_INTERVAL_MS = 2_000;
/** A page of choices in a form. */
const CHOICES_LIMIT = 200;

export const seedDrivesQuery = () =>
  pagedOptions<SeedDriveSummary>(
    ["seed-drives", "list"],
    (cursor, signal) => callAdmin(adminContract.listSeedDrives, { cursor, limit: 25 }, signal),
    (drives) => (drives.some(({ task }) => task !== null) ? MOVING_INTERVAL_MS : false),
  );

/** Agents that this core replicates to a target, by session. */
export const carriedChoicesQuery = () =>
  queryOptions({
    queryKey: ["sessions", "seed-drive-choices"],
    queryFn: ({ signal }) => callAdmin(adminContract.listSessions, { limit: CHOICES_LIMIT }, signal),
  });

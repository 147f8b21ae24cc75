import type { z } from "zod";
import { StartVolumeImageReplicationSessionRequest } from "@/lib/engine/replication/peer-schemas";

/** What the source declared when it started an image session; kept with it. */
export const Declared = StartVolumeImageReplicationSessionRequest.pick({
  epochNumber: true,
  utcCreatedTimestamp: true,
  streams: true,
  point: true,
});
export type Declared = z.infer<typeof Declared>;

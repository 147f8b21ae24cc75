import type { StartMetadataUpdateRequest } from "@/lib/engine/replication/peer-schemas";

type Policies = NonNullable<StartMetadataUpdateRequest["policies"]>;

/**
 * The policies that protect an agent on this core. There are none: captures are asked for by people and scripts, and replication
 * goes by sessions. Targets carry and show what a source with policies tells them.
 */
export const policiesOfAgent = (): Policies => [];

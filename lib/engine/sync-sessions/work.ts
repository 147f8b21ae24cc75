import type { EngineContext } from "@/lib/engine/context";
import type { OpenRepository } from "@/lib/engine/repositories/open";
import type { SyncProgress } from "./progress";

/** What every phase of a sync session works with. */
export interface SyncWork {
  readonly ctx: EngineContext;
  readonly repository: OpenRepository;
  readonly progress: SyncProgress;
  readonly signal: AbortSignal;
  /** Tenants that are known to have a row. One repository holds some thousands at most. */
  readonly tenants: Map<string, Promise<void>>;
}

import { CircleAlert, RefreshCwOff } from "lucide-react";
import { Badge } from "@/components/ui/badge";
import type { RepositorySummary } from "@/lib/engine/repositories/schemas";
import { formatNumberOf } from "@/lib/format";

/** What is wrong between a repository and its storage; nothing for most of them. */
export const SyncBadges = ({ repository }: { repository: Pick<RepositorySummary, "isOutOfSync" | "lostPoints"> }) => (
  <>
    {repository.isOutOfSync && (
      <Badge tone="warn" icon={RefreshCwOff} title="Its folder holds what the catalog does not know. Sync it.">
        out of sync
      </Badge>
    )}
    {repository.lostPoints > 0 && (
      <Badge tone="danger" icon={CircleAlert} title="Files of them are missing or damaged">
        {formatNumberOf(repository.lostPoints, "damaged point")}
      </Badge>
    )}
  </>
);

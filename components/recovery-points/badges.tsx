import { CircleAlert, CloudOff, Lock, TriangleAlert } from "lucide-react";
import { Badge } from "@/components/ui/badge";
import type { RecoveryPointSummary } from "@/lib/engine/recovery-points/schemas";

/** What holds a recovery point, or let go of it. Nothing for most of them. */
export const KeepBadges = ({ point }: { point: Pick<RecoveryPointSummary, "locked" | "deletedOnSourceAt"> }) => (
  <>
    {point.locked && (
      <Badge tone="petrol" icon={Lock} title="It is not deleted before it is unlocked">
        locked
      </Badge>
    )}
    {point.deletedOnSourceAt !== null && (
      <Badge tone="copper" icon={CloudOff} title="Only this core has it now">
        deleted on the source
      </Badge>
    )}
  </>
);

/** Of a recovery point that a person made of the images that had come. */
export const IncompleteBadge = ({ point }: { point: Pick<RecoveryPointSummary, "missingVolumes"> }) => (
  <Badge tone="warn" icon={TriangleAlert} title={`Not in it: ${point.missingVolumes.join(", ")}`}>
    incomplete
  </Badge>
);

/** Of a recovery point that storage lost files of. */
export const LostBadge = ({ point }: { point: Pick<RecoveryPointSummary, "lost"> }) =>
  point.lost && (
    <Badge tone="danger" icon={CircleAlert} title={point.lost.reason}>
      damaged
    </Badge>
  );

import { Lock, PencilLine } from "lucide-react";
import { Badge } from "@/components/ui/badge";
import type { StatementSummary } from "@/lib/engine/statements/schemas";

export const StateBadge = ({ statement }: { statement: Pick<StatementSummary, "state" | "number"> }) =>
  statement.state === "final" ? (
    <Badge tone="ok" icon={Lock}>{`Final, no. ${statement.number}`}</Badge>
  ) : (
    <Badge tone="warn" icon={PencilLine}>
      Draft
    </Badge>
  );

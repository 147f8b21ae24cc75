import Link from "next/link";
import { Button } from "@/components/ui/button";
import { Panel } from "@/components/ui/panel";

/** Leads from Settings to what is set for replication. */
export const ReplicationLink = () => (
  <Panel
    title="Replication"
    actions={
      <Button asChild size="sm">
        <Link href="/settings/replication">Runs, throttle and queue</Link>
      </Button>
    }
  >
    <p className="text-muted text-sm">
      How many runs go on at once, in which order waiting ones begin, and when how much of the line they may use.
    </p>
  </Panel>
);

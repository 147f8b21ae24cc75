import type { Metadata } from "next";
import { QueuePanel } from "@/components/replication-settings/queue-panel";
import { RunsPanel } from "@/components/replication-settings/runs-panel";
import { ThrottlePanel } from "@/components/replication-settings/throttle-panel";
import { PageHeader } from "@/components/ui/page-header";

export const metadata: Metadata = { title: "Replication" };

export default function ReplicationSettingsPage() {
  return (
    <>
      <PageHeader title="Replication" trail={[{ label: "Settings", href: "/settings" }]} />
      <div className="grid gap-4">
        <RunsPanel />
        <ThrottlePanel />
        <QueuePanel />
      </div>
    </>
  );
}

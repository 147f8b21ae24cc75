import type { Metadata } from "next";
import { OpenAlertsNotice } from "@/components/alerts/open-alerts";
import { RunningPanel } from "@/components/overview/running-panel";
import { OverviewSummary } from "@/components/overview/summary";
import { UsageOverTime } from "@/components/overview/usage";
import { AgentRequestsNotice } from "@/components/pairing/agent-requests";
import { PendingRequestsNotice } from "@/components/pairing/pending-requests";
import { RepositoriesAtAGlance } from "@/components/repositories/glance";
import { FailedSessions } from "@/components/sessions/failures";
import { SessionsAtAGlance } from "@/components/sessions/glance";
import { RunningSessions } from "@/components/sessions/running-now";
import { RunningTasks } from "@/components/tasks/task-lists";
import { PageHeader } from "@/components/ui/page-header";

export const metadata: Metadata = { title: "Overview" };

export default function OverviewPage() {
  return (
    <>
      <PageHeader title="Overview" />
      <div className="grid gap-4">
        <PendingRequestsNotice />
        <AgentRequestsNotice />
        <OpenAlertsNotice />
        <FailedSessions />
        <OverviewSummary />
        <div className="grid gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
          <div className="grid min-w-0 content-start gap-4">
            <RunningPanel>
              <RunningSessions />
              <RunningTasks />
            </RunningPanel>
            <SessionsAtAGlance />
          </div>
          <div className="grid min-w-0 content-start gap-4">
            <RepositoriesAtAGlance />
            <UsageOverTime />
          </div>
        </div>
      </div>
    </>
  );
}

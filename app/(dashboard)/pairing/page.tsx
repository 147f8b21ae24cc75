import { Plus, Zap } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { AgentRequests } from "@/components/pairing/agent-requests";
import { EnrolmentTokens } from "@/components/pairing/enrolment-tokens";
import { PeersTable } from "@/components/pairing/peers-table";
import { PendingRequests } from "@/components/pairing/pending-requests";
import { May } from "@/components/shell/may";
import { Button } from "@/components/ui/button";
import { PageHeader } from "@/components/ui/page-header";

export const metadata: Metadata = { title: "Pairing" };

export default function PairingListPage() {
  return (
    <>
      <PageHeader
        title="Pairing"
        description="The trust between this core and others: who asks to be let in, and who is."
        actions={
          <May call="sendPairingRequest">
            <Button asChild>
              <Link href="/pairing/now">
                <Zap aria-hidden />
                Pair now
              </Link>
            </Button>
            <Button asChild>
              <Link href="/pairing/new">
                <Plus aria-hidden />
                Send a pairing request
              </Link>
            </Button>
          </May>
        }
      />
      <PendingRequests />
      <AgentRequests />
      <div className="grid min-w-0 gap-4">
        <PeersTable />
        <EnrolmentTokens />
      </div>
    </>
  );
}

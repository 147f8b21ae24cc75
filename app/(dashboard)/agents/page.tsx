import { Plus } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { AgentTable } from "@/components/agents/agent-table";
import { May } from "@/components/shell/may";
import { Button } from "@/components/ui/button";
import { PageHeader } from "@/components/ui/page-header";

export const metadata: Metadata = { title: "Agents" };

export default function AgentsPage() {
  return (
    <>
      <PageHeader
        title="Agents"
        description="Protected machines: captured on this core, or replicated to it."
        actions={
          <May call="createAgent">
            <Button asChild>
              <Link href="/agents/new">
                <Plus aria-hidden />
                New agent
              </Link>
            </Button>
          </May>
        }
      />
      <AgentTable />
    </>
  );
}

import type { Metadata } from "next";
import { SessionTable } from "@/components/sessions/session-table";
import { PageHeader } from "@/components/ui/page-header";

export const metadata: Metadata = { title: "Sessions" };

export default function SessionsPage() {
  return (
    <>
      <PageHeader
        title="Replication sessions"
        description="The standing relation of an agent with a target, and how far behind it is."
      />
      <SessionTable />
    </>
  );
}

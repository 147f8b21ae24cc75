import type { Metadata } from "next";
import Link from "next/link";
import { SessionTable } from "@/components/sessions/session-table";
import { Button } from "@/components/ui/button";
import { PageHeader } from "@/components/ui/page-header";

export const metadata: Metadata = { title: "Sessions" };

export default function SessionsPage() {
  return (
    <>
      <PageHeader
        title="Replication sessions"
        description="The standing relation of an agent with a target, and how far behind it is."
        actions={
          <Button asChild>
            <Link href="/settings/replication">Queue and limits</Link>
          </Button>
        }
      />
      <SessionTable />
    </>
  );
}

import type { Metadata } from "next";
import { AuditTrail } from "@/components/audit/audit-trail";
import { ChainPanel } from "@/components/audit/chain-panel";
import { PageHeader } from "@/components/ui/page-header";
import { requireSignIn } from "@/lib/auth/session";

export const metadata: Metadata = { title: "Audit" };

export default async function AuditPage() {
  const { role, tenantIds } = (await requireSignIn()).account;
  const description =
    "Who did what, from where, through which door, and with what result. Refused attempts are in it, too.";
  if (role !== "administrator" || tenantIds !== null)
    return <PageHeader title="Audit" description="The audit trail is for administrators of the whole core." />;
  return (
    <>
      <PageHeader title="Audit" description={description} />
      <div className="grid gap-4">
        <ChainPanel />
        <AuditTrail />
      </div>
    </>
  );
}

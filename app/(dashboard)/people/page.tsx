import type { Metadata } from "next";
import { AllSignIns } from "@/components/people/all-sign-ins";
import { InvitePerson } from "@/components/people/invite-dialog";
import { PeopleTable } from "@/components/people/people-table";
import { SignInRulesPanel } from "@/components/people/sign-in-rules";
import { PageHeader } from "@/components/ui/page-header";

export const metadata: Metadata = { title: "People" };

export default function PeoplePage() {
  return (
    <>
      <PageHeader
        title="People"
        description="Who has an account on this core, what they may do, and where they are signed in."
        actions={<InvitePerson />}
      />
      <div className="grid gap-4">
        <PeopleTable />
        <AllSignIns />
        <SignInRulesPanel />
      </div>
    </>
  );
}

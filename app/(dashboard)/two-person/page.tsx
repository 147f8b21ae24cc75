import type { Metadata } from "next";
import { RequestQueue } from "@/components/two-person/request-queue";
import { PageHeader } from "@/components/ui/page-header";

export const metadata: Metadata = { title: "Two-person requests" };

export default function TwoPersonPage() {
  return (
    <>
      <PageHeader
        title="Two-person requests"
        description="What one person asked for and another one has to agree to. Nothing of it happens before."
      />
      <RequestQueue />
    </>
  );
}

import type { Metadata } from "next";
import { AlertList } from "@/components/alerts/alert-list";
import { PageHeader } from "@/components/ui/page-header";

export const metadata: Metadata = { title: "Alerts" };

export default function AlertsPage() {
  return (
    <>
      <PageHeader
        title="Alerts"
        description="What people should know of before it hurts. Each clears itself when its cause is over."
      />
      <AlertList />
    </>
  );
}

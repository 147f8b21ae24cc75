import type { Metadata } from "next";
import { NewAgentForm } from "@/components/agents/new-agent-form";
import { PageHeader } from "@/components/ui/page-header";

export const metadata: Metadata = { title: "New agent" };

export default function NewAgentPage() {
  return (
    <>
      <PageHeader title="New agent" trail={[{ label: "Agents", href: "/agents" }]} />
      <NewAgentForm />
    </>
  );
}

import type { Metadata } from "next";
import { SendRequestForm } from "@/components/pairing/send-request-form";
import { PageHeader } from "@/components/ui/page-header";

export const metadata: Metadata = { title: "Send a pairing request" };

export default async function NewPairingPage({ searchParams }: { searchParams: Promise<{ target?: string }> }) {
  const { target } = await searchParams;
  return (
    <>
      <PageHeader
        title="Send a pairing request"
        trail={[{ label: "Pairing", href: "/pairing" }]}
        description="Asks another core to take agents of this one. Nothing is sent before its administrator has approved it."
      />
      <SendRequestForm target={typeof target === "string" ? target : undefined} />
    </>
  );
}

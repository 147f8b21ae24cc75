import type { Metadata } from "next";
import { PairNowForm } from "@/components/pairing/pair-now-form";
import { PageHeader } from "@/components/ui/page-header";

export const metadata: Metadata = { title: "Pair now" };

export default async function PairNowPage({ searchParams }: { searchParams: Promise<{ target?: string }> }) {
  const { target } = await searchParams;
  return (
    <>
      <PageHeader
        title="Pair now"
        trail={[{ label: "Pairing", href: "/pairing" }]}
        description="Pairs at once, for who may decide on the other core as well. Replication starts by itself."
      />
      <PairNowForm target={typeof target === "string" ? target : undefined} />
    </>
  );
}

import type { Metadata } from "next";
import { PairingPage } from "@/components/pairing/pairing-detail";

export const metadata: Metadata = { title: "Pairing" };

export default async function PairingDetailPage({ params }: { params: Promise<{ pairingId: string }> }) {
  return <PairingPage id={(await params).pairingId} />;
}

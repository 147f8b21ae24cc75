import type { Metadata } from "next";
import { PersonPage } from "@/components/people/person-page";

export const metadata: Metadata = { title: "Person" };

export default async function PersonDetailPage({ params }: { params: Promise<{ accountId: string }> }) {
  const { accountId } = await params;
  return <PersonPage id={accountId} />;
}

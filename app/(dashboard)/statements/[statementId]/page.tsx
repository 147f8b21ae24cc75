import type { Metadata } from "next";
import { StatementPage } from "@/components/statements/statement-page";

export const metadata: Metadata = { title: "Statement" };

export default async function StatementRoute({ params }: { params: Promise<{ statementId: string }> }) {
  const { statementId } = await params;
  return <StatementPage id={statementId} />;
}

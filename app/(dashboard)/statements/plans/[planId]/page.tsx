import type { Metadata } from "next";
import { PlanPage } from "@/components/plans/plan-page";

export const metadata: Metadata = { title: "Price plan" };

export default async function PlanRoute({ params }: { params: Promise<{ planId: string }> }) {
  const { planId } = await params;
  return <PlanPage id={planId} />;
}

import type { Metadata } from "next";
import { PointWithTasks } from "./point-with-tasks";

export const metadata: Metadata = { title: "Recovery point" };

export default async function RecoveryPointDetailPage({ params }: { params: Promise<{ recoveryPointId: string }> }) {
  return <PointWithTasks id={(await params).recoveryPointId} />;
}

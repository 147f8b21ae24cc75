import type { Metadata } from "next";
import { LiveSession } from "./live-session";

export const metadata: Metadata = { title: "Session" };

export default async function SessionDetailPage({ params }: { params: Promise<{ sessionId: string }> }) {
  return <LiveSession id={(await params).sessionId} />;
}

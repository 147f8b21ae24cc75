import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { ReferencePage } from "@/components/reference/reference-page";
import { isSurface } from "@/components/reference/surfaces";

export const metadata: Metadata = { title: "API reference" };

export default async function SurfaceReferencePage({ params }: { params: Promise<{ surface: string }> }) {
  const { surface } = await params;
  if (!isSurface(surface)) notFound();
  return <ReferencePage surface={surface} />;
}

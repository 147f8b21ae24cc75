import type { Metadata } from "next";
import { TenantPage } from "@/components/tenants/tenant-page";

export const metadata: Metadata = { title: "Tenant" };

export default async function TenantDetailPage({ params }: { params: Promise<{ tenantId: string }> }) {
  return <TenantPage id={(await params).tenantId} />;
}

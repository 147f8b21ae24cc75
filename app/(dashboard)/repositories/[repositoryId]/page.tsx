import type { Metadata } from "next";
import { RepositoryPage } from "@/components/repositories/repository-page";

export const metadata: Metadata = { title: "Repository" };

export default async function RepositoryDetailPage({ params }: { params: Promise<{ repositoryId: string }> }) {
  return <RepositoryPage id={(await params).repositoryId} />;
}

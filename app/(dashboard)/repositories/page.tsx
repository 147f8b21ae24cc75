import type { Metadata } from "next";
import { RepositoriesPage } from "@/components/repositories/repository-table";

export const metadata: Metadata = { title: "Repositories" };

export default function RepositoryListPage() {
  return <RepositoriesPage />;
}

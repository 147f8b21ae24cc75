import type { Metadata } from "next";
import { SeedDrivesPage } from "@/components/seed-drives/seed-drives-page";

export const metadata: Metadata = { title: "Seed drives" };

export default function SeedDriveListPage() {
  return <SeedDrivesPage />;
}

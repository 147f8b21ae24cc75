import type { ReactNode } from "react";
import { DashboardShell } from "@/components/shell/shell";
import { requireAccount } from "@/lib/auth/session";

export default async function DashboardLayout({ children }: { children: ReactNode }) {
  const me = await requireAccount();
  return <DashboardShell me={me}>{children}</DashboardShell>;
}

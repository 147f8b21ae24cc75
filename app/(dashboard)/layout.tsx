import type { ReactNode } from "react";
import { DashboardShell } from "@/components/shell/shell";
import { requireSignIn } from "@/lib/auth/session";

export default async function DashboardLayout({ children }: { children: ReactNode }) {
  const { account: me } = await requireSignIn();
  return <DashboardShell me={me}>{children}</DashboardShell>;
}

import type { ReactNode } from "react";
import { MustEnrol } from "@/components/account/must-enrol";
import { Door } from "@/components/shell/door";
import { DashboardShell } from "@/components/shell/shell";
import { requireSignIn } from "@/lib/auth/session";

export default async function DashboardLayout({ children }: { children: ReactNode }) {
  const { account: me, mustEnrol } = await requireSignIn();
  if (mustEnrol)
    return (
      <Door title="Set up a second factor" note="This core asks your role for one; then everything is open to you.">
        <MustEnrol />
      </Door>
    );
  return <DashboardShell me={me}>{children}</DashboardShell>;
}

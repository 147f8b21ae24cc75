import type { Metadata } from "next";
import { NamePanel } from "@/components/account/name-form";
import { OwnSignIns } from "@/components/account/own-sign-ins";
import { PasswordPanel } from "@/components/account/password-form";
import { SecondFactorPanel } from "@/components/account/second-factor-panel";
import { AccessKeys } from "@/components/doors/access-keys";
import { ApiTokens } from "@/components/settings/api-tokens";
import { PageHeader } from "@/components/ui/page-header";

export const metadata: Metadata = { title: "Your account" };

export default function AccountPage() {
  return (
    <>
      <PageHeader title="Your account" />
      <div className="grid gap-4">
        <div className="grid items-start gap-4 lg:grid-cols-2">
          <div className="grid gap-4">
            <NamePanel />
            <SecondFactorPanel />
          </div>
          <PasswordPanel />
        </div>
        <OwnSignIns />
        <ApiTokens />
        <AccessKeys />
      </div>
    </>
  );
}

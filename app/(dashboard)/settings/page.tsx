import type { Metadata } from "next";
import { ApplicationFiles } from "@/components/core-files/application-files";
import { DoorsPanel } from "@/components/doors/doors-panel";
import { VendorSignIns } from "@/components/doors/vendor-sign-ins";
import { KeyFilePanel } from "@/components/protection/key-file-panel";
import { ProtectionPanel } from "@/components/protection/protection-panel";
import { ReplicationLink } from "@/components/replication-settings/link-panel";
import { MailPanel } from "@/components/settings/mail-panel";
import { ThisCore } from "@/components/settings/this-core";
import { PageHeader } from "@/components/ui/page-header";

export const metadata: Metadata = { title: "Settings" };

export default function SettingsPage() {
  return (
    <>
      <PageHeader title="Settings" />
      <div className="grid gap-4">
        <ThisCore />
        <ReplicationLink />
        <ProtectionPanel />
        <KeyFilePanel />
        <MailPanel />
        <DoorsPanel />
        <VendorSignIns />
        <ApplicationFiles />
      </div>
    </>
  );
}

"use client";

import { useQuery } from "@tanstack/react-query";
import { QueryView } from "@/components/feedback/query-view";
import { CopyText } from "@/components/ui/copy";
import { Facts } from "@/components/ui/facts";
import { Panel } from "@/components/ui/panel";
import { coreQuery } from "./queries";

/** What another administrator needs to know of this core. */
export function ThisCore() {
  const query = useQuery(coreQuery());
  return (
    <Panel title="This core">
      <QueryView query={query} what="this core">
        {(core) => (
          <Facts
            items={[
              { label: "Name", value: core.name },
              { label: "Version", value: core.version },
              { label: "Peer address", value: <CopyText text={core.peerUrl} label="peer address" /> },
              { label: "CA fingerprint", value: <CopyText text={core.caFingerprint} label="CA fingerprint" /> },
              { label: "Id", value: <CopyText text={core.id} label="core id" /> },
            ]}
          />
        )}
      </QueryView>
      <p className="mt-3 text-muted text-xs">
        Another core asks for pairing at the peer address. The fingerprint is that of this core's own certificate
        authority, SHA-256.
      </p>
    </Panel>
  );
}

"use client";

import { Send } from "lucide-react";
import { useState } from "react";
import { useMay } from "@/components/shell/me";
import { Button } from "@/components/ui/button";
import { Panel } from "@/components/ui/panel";
import { adminContract } from "@/lib/admin/contract";
import { ArrivingFiles } from "./arriving-files";
import { KeptFiles } from "./kept-files";
import { OutgoingFiles } from "./outgoing-files";
import { SendFile } from "./send-file";

/** Files that checks of applications need: those that sources sent here, and those that go from here to targets. */
export function ApplicationFiles() {
  const may = useMay();
  const [sending, setSending] = useState(false);
  return (
    <Panel
      flush
      title="Application files"
      note="libraries that checks of applications need"
      actions={
        may(adminContract.cancelOutgoingFile) && (
          <Button size="sm" onClick={() => setSending(true)}>
            <Send aria-hidden />
            Send a file
          </Button>
        )
      }
    >
      <ArrivingFiles />
      <KeptFiles />
      <OutgoingFiles />
      {sending && <SendFile onClose={() => setSending(false)} />}
    </Panel>
  );
}

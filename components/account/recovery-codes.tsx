"use client";

import { Download } from "lucide-react";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy";
import { Notice } from "@/components/ui/notice";

/** The recovery codes: shown this once. */
export function RecoveryCodeList({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  return (
    <div className="grid gap-3">
      <Notice kind="ok" live title="Keep these recovery codes">
        They are shown this once only. Each lets you in once, without your authenticator: keep them where you find them
        when the phone is gone.
      </Notice>
      <div className="flex items-start gap-1 rounded-md border bg-sunken p-3">
        <ul className="grid flex-1 grid-cols-[repeat(auto-fill,minmax(11.5rem,1fr))] gap-x-4 gap-y-1 font-mono text-sm">
          {codes.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </ul>
        <CopyButton text={codes.join("\n")} label="Copy the codes" />
      </div>
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={() => download(codes)}>
          <Download aria-hidden />
          Download
        </Button>
        <Button tone="primary" onClick={onDone}>
          I have kept them
        </Button>
      </div>
    </div>
  );
}

function download(codes: readonly string[]): void {
  const text = `Recovery codes for Twincore at ${location.host}. Each works once.\n\n${codes.join("\n")}\n`;
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = "twincore-recovery-codes.txt";
  link.click();
  URL.revokeObjectURL(url);
}

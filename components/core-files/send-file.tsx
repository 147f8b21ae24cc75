"use client";

import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { QueryView } from "@/components/feedback/query-view";
import { useAction } from "@/components/feedback/use-action";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Input, Select } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { LinkProgress } from "@/components/ui/progress";
import type { PairingSummary } from "@/lib/engine/pairing/schemas";
import { ExchangeServerVersion, FileName } from "@/lib/engine/uploads/schemas";
import { formatPercent } from "@/lib/format";
import { putFile } from "./put-file";
import { targetsQuery } from "./queries";
import { versionLabel } from "./words";

/** Sends a file of the person's own machine to a target, by way of this core. */
export function SendFile({ onClose }: { onClose: () => void }) {
  const targets = useQuery(targetsQuery());
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Send a file to a target"
      description="This core keeps it until it is there, and goes on by itself when the target was away."
    >
      <QueryView query={targets} what="the targets">
        {({ items }) =>
          items.length === 0 ? (
            <Notice kind="info">
              No target is paired with this core yet. Pair with one first, then send it files.
            </Notice>
          ) : (
            <SendForm targets={items} onClose={onClose} />
          )
        }
      </QueryView>
    </Dialog>
  );
}

const VERSIONS = ExchangeServerVersion.options.filter((version) => version !== "Unknown");

function SendForm({ targets, onClose }: { targets: readonly PairingSummary[]; onClose: () => void }) {
  const [wrong, setWrong] = useState<string>();
  const [share, setShare] = useState(0);
  const send = useAction({
    run: (input: Parameters<typeof putFile>[0]) => putFile(input, setShare),
    touches: [["core-files"]],
    done: (_, { file }) => `${file.name} is on its way`,
    onDone: onClose,
    quiet: true,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const file = form.get("file");
    const version = ExchangeServerVersion.catch("None").parse(form.get("version"));
    const reason = whyNot(file);
    setWrong(reason);
    if (file instanceof File && !reason) send.mutate({ pairingId: String(form.get("target")), file, version });
  };
  return (
    <form onSubmit={submit} noValidate className="grid gap-4">
      <Field label="Target">
        {(control) => (
          <Select {...control} name="target">
            {targets.map((target) => (
              <option key={target.id} value={target.id}>
                {target.peerName}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label="File" error={wrong} hint="at most 2 GiB; one of the same name and version is replaced there">
        {(control) => <Input {...control} type="file" name="file" className="py-1.5 file:mr-3" />}
      </Field>
      <Field label="For">
        {(control) => (
          <Select {...control} name="version">
            {VERSIONS.map((version) => (
              <option key={version} value={version}>
                {versionLabel(version)}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {send.isPending && <LinkProgress share={share} label="Sending to this core" valueText={formatPercent(share)} />}
      {send.error && (
        <Notice kind="danger" live>
          {send.error.message}
        </Notice>
      )}
      <Button tone="primary" type="submit" pending={send.isPending} className="justify-self-end">
        Send the file
      </Button>
    </form>
  );
}

function whyNot(file: FormDataEntryValue | null): string | undefined {
  if (!(file instanceof File) || file.name === "") return "Choose the file to send.";
  return FileName.safeParse(file.name).error?.issues[0]?.message;
}

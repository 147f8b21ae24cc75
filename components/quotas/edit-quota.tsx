"use client";

import { type FormEvent, useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { SizeInput } from "@/components/ui/size-input";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { type QuotaReport, type QuotaSubject, SetQuotaInput } from "@/lib/engine/quotas/schemas";
import { type ByteUnit, formatBytes } from "@/lib/format";
import { METERS } from "./words";

const UNITS: readonly ByteUnit[] = ["GiB", "TiB", "MiB"];
const TOUCHES = [["quotas"], ["agents"], ["tenants"]] as const;

interface Sizes {
  softBytes: number | null;
  hardBytes: number | null;
  overageBytes: number | null;
}

/** Sizes of one quota; all of them left empty, there is none any more. */
export function EditQuota({
  subject,
  quota,
  onClose,
}: {
  subject: QuotaSubject;
  quota: QuotaReport;
  onClose: () => void;
}) {
  const { softBytes, hardBytes, overageBytes, meter } = quota;
  const [sizes, setSizes] = useState<Sizes>({ softBytes, hardBytes, overageBytes: overageBytes || null });
  const [wrong, setWrong] = useState<string>();
  const whose = subject.kind === "tenant" ? { tenantId: subject.id } : { agentId: subject.id };
  const isEmpty = sizes.softBytes === null && sizes.hardBytes === null;
  const save = useAction({
    run: async (input: SetQuotaInput | null) => {
      if (input) await callAdmin(adminContract.setQuota, input);
      else if (quota.state !== "none") await callAdmin(adminContract.removeQuota, { ...whose, meter });
    },
    touches: TOUCHES,
    done: (_, input) => `The quota of ${subject.name} is ${input ? "set" : "removed"}`,
    onDone: onClose,
    quiet: true,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isEmpty) return save.mutate(null);
    const input = SetQuotaInput.safeParse({ ...whose, meter, ...sizes, overageBytes: sizes.overageBytes ?? 0 });
    setWrong(input.error?.issues[0]?.message);
    if (input.success) save.mutate(input.data);
  };
  const size = (name: keyof Sizes, label: string, hint: string) => (
    <SizeInput
      label={label}
      hint={hint}
      units={UNITS}
      value={sizes[name]}
      onChange={(bytes) => setSizes((old) => ({ ...old, [name]: bytes }))}
    />
  );
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`${METERS[meter].title} quota of ${subject.name}`}
      description={`${METERS[meter].hint} ${formatBytes(quota.usedBytes)} are used now.`}
    >
      <form onSubmit={submit} noValidate className="grid gap-4">
        {size("softBytes", "Soft", "From here on people are warned. Nothing is refused.")}
        {size("hardBytes", "Hard", "From here on there is a critical alert, and the overage is being used.")}
        {size(
          "overageBytes",
          "Overage",
          "How much more is still taken. Beyond it new data is refused; nothing that is here is lost.",
        )}
        {isEmpty && quota.state !== "none" && (
          <Notice kind="warn">Without any size the quota is removed: nothing limits it any more.</Notice>
        )}
        {(wrong ?? save.error) && (
          <Notice kind="danger" live title="Not saved">
            {wrong ?? save.error?.message}
          </Notice>
        )}
        <Button tone="primary" type="submit" pending={save.isPending} className="justify-self-end">
          {isEmpty && quota.state !== "none" ? "Remove the quota" : "Save"}
        </Button>
      </form>
    </Dialog>
  );
}

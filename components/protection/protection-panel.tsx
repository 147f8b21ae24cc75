"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { type FormEvent, useState } from "react";
import { QueryView } from "@/components/feedback/query-view";
import { useAction } from "@/components/feedback/use-action";
import { useMay } from "@/components/shell/me";
import { Button } from "@/components/ui/button";
import { Checkbox, Field, Input } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { type ProtectionReport, SwitchableRule, UpdateProtectionInput } from "@/lib/engine/protection/schemas";
import { protectionQuery } from "./queries";

/** Which actions take two people, for administrators. */
export function ProtectionPanel() {
  const may = useMay()(adminContract.getProtection);
  const query = useQuery({ ...protectionQuery(), enabled: may });
  if (!may) return null;
  return (
    <Panel
      title="Protected actions"
      note="each takes a fresh proof that it is you"
      actions={
        <Link href="/two-person" className="text-petrol text-xs hover:underline">
          Two-person requests
        </Link>
      }
    >
      <QueryView query={query} what="the protection rules">
        {(report) => <Form key={JSON.stringify(report)} report={report} />}
      </QueryView>
    </Panel>
  );
}

type Wrong = Partial<Record<"proofMinutes" | "expiryHours", string>>;

function Form({ report }: { report: ProtectionReport }) {
  const [on, setOn] = useState<readonly SwitchableRule[]>(report.secondPerson);
  const [wrong, setWrong] = useState<Wrong>({});
  const may = useMay()(adminContract.updateProtection);
  const save = useAction({
    run: (input: UpdateProtectionInput) => callAdmin(adminContract.updateProtection, input),
    touches: [["protection"]],
    done: () => "The protection rules are saved",
    onWaiting: () => setOn(report.secondPerson),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [proofMinutes, expiryHours] = [Number(form.get("proofMinutes")), Number(form.get("expiryHours"))];
    const parsed = UpdateProtectionInput.safeParse({ secondPerson: on, proofMinutes, expiryHours });
    const fields = new Set(parsed.error?.issues.map(({ path }) => path[0]));
    setWrong({
      ...(fields.has("proofMinutes") ? { proofMinutes: "Between 1 and 60 minutes." } : {}),
      ...(fields.has("expiryHours") ? { expiryHours: "Between 1 and 168 hours." } : {}),
    });
    if (parsed.success) save.mutate(parsed.data);
  };
  const rules = report.rules.flatMap((rule) => {
    const name = SwitchableRule.safeParse(rule.name);
    return name.success ? [{ ...rule, name: name.data }] : [];
  });
  const alone = rules.filter(({ name, otherAgreers }) => on.includes(name) && otherAgreers === 0);
  const loosens = report.secondPerson.some((rule) => !on.includes(rule));
  return (
    <form onSubmit={submit} noValidate className="grid gap-4">
      <fieldset disabled={!may} className="grid gap-2.5">
        <legend className="mb-2 text-muted text-sm">
          Where it is ticked, a second person with another account has to agree before it happens.
        </legend>
        {rules.map(({ name, title, description, agreers }) => (
          <Checkbox
            key={name}
            checked={on.includes(name)}
            onChange={(event) => setOn(event.target.checked ? [...on, name] : on.filter((rule) => rule !== name))}
            className="items-start"
            label={
              <>
                <span className="font-medium">{title}</span>
                <span className="block text-muted text-xs">
                  {`${description} Agreed to by ${agreers.map((role) => `${role}s`).join(" or ")}.`}
                </span>
              </>
            }
          />
        ))}
      </fieldset>
      {alone.length > 0 && (
        <Notice kind="warn" live title="Nobody could agree">
          {`Beside you no account may agree to: ${alone.map(({ title }) => title).join(", ")}. `}
          Until there is one, nobody can do this, and it cannot be switched off again either. Make a second
          administrator first.
        </Notice>
      )}
      {loosens && (
        <Notice kind="info" title="This takes a second person">
          While a rule is on, switching one off waits for another administrator.
        </Notice>
      )}
      <div className="grid gap-4 @md:grid-cols-2">
        <Field label="A proof counts for, in minutes" hint="From 1 to 60." error={wrong.proofMinutes}>
          {(control) => (
            <Input
              {...control}
              name="proofMinutes"
              type="number"
              min={1}
              max={60}
              defaultValue={report.proofMinutes}
              disabled={!may}
            />
          )}
        </Field>
        <Field label="A request waits for, in hours" hint="From 1 to 168." error={wrong.expiryHours}>
          {(control) => (
            <Input
              {...control}
              name="expiryHours"
              type="number"
              min={1}
              max={168}
              defaultValue={report.expiryHours}
              disabled={!may}
            />
          )}
        </Field>
      </div>
      <Button tone="primary" type="submit" pending={save.isPending} disabled={!may} className="justify-self-end">
        Save the rules
      </Button>
    </form>
  );
}

import { Field, Input, Textarea } from "@/components/ui/field";
import type { CreateTenantInput, TenantDetail } from "@/lib/engine/tenants/schemas";

export type Wrong = Partial<Record<string, string>>;

const LIST = "tenant-time-zones";

/** Every zone that this browser knows, to choose from while typing. */
const zones = (): string[] => ["UTC", ...Intl.supportedValuesOf("timeZone")];

/** What is known of a customer. The time zone matters: its midnight begins the days and months that are billed. */
export function TenantFields({ tenant, wrong }: { tenant?: TenantDetail; wrong: Wrong }) {
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Name" error={wrong.name}>
          {(control) => (
            <Input
              {...control}
              name="name"
              defaultValue={tenant?.name}
              autoComplete="off"
              maxLength={120}
              readOnly={tenant?.isHome}
            />
          )}
        </Field>
        <Field label="Customer id" hint="Your own number or code for it." error={wrong.customerId}>
          {(control) => (
            <Input
              {...control}
              name="customerId"
              defaultValue={tenant?.customerId}
              autoComplete="off"
              maxLength={120}
            />
          )}
        </Field>
        <Field label="Contact" error={wrong.contactEmail}>
          {(control) => (
            <Input
              {...control}
              name="contactEmail"
              type="email"
              defaultValue={tenant?.contactEmail}
              autoComplete="off"
              placeholder="it@customer.example"
            />
          )}
        </Field>
        <Field label="Time zone" hint="Its midnight begins the days and months of the bill." error={wrong.timeZone}>
          {(control) => (
            <>
              <Input
                {...control}
                name="timeZone"
                list={LIST}
                defaultValue={tenant?.timeZone ?? "UTC"}
                autoComplete="off"
              />
              <datalist id={LIST}>
                {zones().map((zone) => (
                  <option key={zone} value={zone} />
                ))}
              </datalist>
            </>
          )}
        </Field>
      </div>
      <Field
        label="Statements go to"
        hint="E-mail addresses, one on each line. Nobody gets them by mail when there is none."
        error={wrong.statementEmails}
      >
        {(control) => (
          <Textarea {...control} name="statementEmails" rows={2} defaultValue={tenant?.statementEmails.join("\n")} />
        )}
      </Field>
      <Field label="Notes" error={wrong.notes}>
        {(control) => <Textarea {...control} name="notes" rows={2} defaultValue={tenant?.notes} maxLength={2000} />}
      </Field>
    </>
  );
}

/** What the form says, not yet checked. */
export function readTenantForm(form: HTMLFormElement): Record<keyof CreateTenantInput, unknown> {
  const { name, customerId, contactEmail, timeZone, notes, statementEmails } = Object.fromEntries(new FormData(form));
  const addresses = String(statementEmails ?? "").split(/[\s,;]+/);
  return { name, customerId, contactEmail, timeZone, notes, statementEmails: addresses.filter(Boolean) };
}

/** The first thing that is wrong with each field. */
export function wrongsOf(issues: readonly { path: readonly PropertyKey[]; message: string }[]): Wrong {
  const wrong: Wrong = {};
  for (const { path, message } of issues) wrong[String(path[0])] ??= message;
  return wrong;
}

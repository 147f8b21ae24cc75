"use client";

import { useQuery } from "@tanstack/react-query";
import { Field, Input, Select } from "@/components/ui/field";
import type { PairingSummary } from "@/lib/engine/pairing/schemas";
import type { TenantSummary } from "@/lib/engine/tenants/schemas";
import { tenantChoicesQuery } from "./queries";

/** Whom a core that is let in belongs to: a tenant that is here already, or a new one of this name. */
export type TenantPick = { readonly tenantId: string } | { readonly tenantName: string };

const NEW = "";

/** What a form proposes: the customer of the same id, else a new one that is named like the core. A person confirms it. */
export function proposedTenant(
  { peerName, customerId }: Pick<PairingSummary, "peerName" | "customerId">,
  tenants: readonly Pick<TenantSummary, "id" | "name" | "customerId">[],
): TenantPick {
  const known = customerId === "" ? undefined : tenants.find((tenant) => tenant.customerId === customerId);
  return known ? { tenantId: known.id } : { tenantName: freeName(peerName.trim().slice(0, 100), tenants) };
}

/** Another core of that name has a tenant already: what is proposed is never that one. */
function freeName(name: string, tenants: readonly Pick<TenantSummary, "name">[]): string {
  const taken = new Set(tenants.map((tenant) => tenant.name));
  for (let number = 1; number <= taken.size; number++) {
    const candidate = number === 1 ? name : `${name} ${number}`;
    if (!taken.has(candidate)) return candidate;
  }
  return taken.has(name) ? `${name} ${taken.size + 1}` : name;
}

/** What is wrong with a choice, in words; null: nothing. */
export function wrongWith(pick: TenantPick, tenants: readonly Pick<TenantSummary, "name">[]): string | null {
  if ("tenantId" in pick) return null;
  const name = pick.tenantName.trim();
  if (name === "") return "Give the new tenant a name.";
  return tenants.some((tenant) => tenant.name === name)
    ? `There is a tenant called ${name} already. Choose it above.`
    : null;
}

interface TenantChoiceProps {
  request: Pick<PairingSummary, "peerName" | "customerId">;
  value: TenantPick | null;
  onChange: (pick: TenantPick) => void;
  /** Say what is wrong: somebody has tried to go on. */
  asked: boolean;
}

/** Asks for the tenant; what is chosen cannot be changed later, because records are deduplicated inside it. */
export function TenantChoice({ request, value, onChange, asked }: TenantChoiceProps) {
  const tenants = useQuery(tenantChoicesQuery()).data?.items ?? [];
  const pick = value ?? proposedTenant(request, tenants);
  const name = "tenantName" in pick ? pick.tenantName : null;
  return (
    <section aria-label="Tenant" className="grid gap-3 sm:grid-cols-2">
      <Field label="Tenant" hint="Cores of one tenant share what they store, and its people see them. It stays so.">
        {(control) => (
          <Select
            {...control}
            value={"tenantId" in pick ? pick.tenantId : NEW}
            onChange={({ target }) =>
              onChange(
                target.value === NEW
                  ? proposedTenant({ ...request, customerId: "" }, tenants)
                  : { tenantId: target.value },
              )
            }
          >
            <option value={NEW}>A new one</option>
            {tenants.map((tenant) => (
              <option key={tenant.id} value={tenant.id}>
                {tenant.customerId ? `${tenant.name} (${tenant.customerId})` : tenant.name}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {name !== null && (
        <Field label="Its name" error={(asked && wrongWith(pick, tenants)) || undefined}>
          {(control) => (
            <Input
              {...control}
              value={name}
              maxLength={120}
              autoComplete="off"
              onChange={({ target }) => onChange({ tenantName: target.value })}
            />
          )}
        </Field>
      )}
    </section>
  );
}

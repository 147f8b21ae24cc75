"use client";

import { useQuery } from "@tanstack/react-query";
import { QueryView } from "@/components/feedback/query-view";
import { Checkbox, Field, Select } from "@/components/ui/field";
import { Role } from "@/lib/engine/accounts/schemas";
import { tenantChoiceQuery } from "./queries";
import { ROLE_WORDS } from "./words";

export interface Rights {
  role: Role;
  /** null: bound to none, it may know of all. */
  tenantIds: string[] | null;
}

interface RightsFieldsProps {
  value: Rights;
  change: (value: Rights) => void;
}

/** What somebody may do, and of which customers they may know. */
export function RightsFields({ value, change }: RightsFieldsProps) {
  return (
    <>
      <Field label="Role" hint={`${ROLE_WORDS[value.role].name} ${ROLE_WORDS[value.role].may}.`}>
        {(control) => (
          <Select
            {...control}
            value={value.role}
            onChange={(event) => change({ ...value, role: Role.parse(event.target.value) })}
          >
            {Role.options.map((role) => (
              <option key={role} value={role}>
                {ROLE_WORDS[role].name}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <fieldset className="grid gap-2">
        <legend className="mb-1 font-medium text-sm">Tenants</legend>
        <Checkbox
          label="All tenants, and the core itself"
          checked={value.tenantIds === null}
          onChange={(event) => change({ ...value, tenantIds: event.target.checked ? null : [] })}
        />
        {value.tenantIds !== null && (
          <TenantChoice chosen={value.tenantIds} change={(tenantIds) => change({ ...value, tenantIds })} />
        )}
      </fieldset>
    </>
  );
}

function TenantChoice({ chosen, change }: { chosen: string[]; change: (ids: string[]) => void }) {
  const query = useQuery(tenantChoiceQuery());
  const toggle = (id: string, isOn: boolean) => change(isOn ? [...chosen, id] : chosen.filter((one) => one !== id));
  return (
    <>
      <p className="text-muted text-xs">
        Sees the agents, points, sessions, usage and statements of these tenants, and nothing that is about the whole
        core.
      </p>
      <div className="max-h-44 overflow-y-auto rounded-md border px-2.5 py-1.5">
        <QueryView query={query} what="the tenants">
          {(tenants) =>
            tenants.map(({ id, name }) => (
              <div key={id}>
                <Checkbox
                  label={name}
                  checked={chosen.includes(id)}
                  onChange={(event) => toggle(id, event.target.checked)}
                />
              </div>
            ))
          }
        </QueryView>
      </div>
      {chosen.length === 0 && <p className="text-warn text-xs">Without a tenant this account sees nothing at all.</p>}
    </>
  );
}

"use client";

import { useQuery } from "@tanstack/react-query";
import { QueryView } from "@/components/feedback/query-view";
import { useAction } from "@/components/feedback/use-action";
import { May } from "@/components/shell/may";
import { Checkbox } from "@/components/ui/field";
import { Panel } from "@/components/ui/panel";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { Role, type SignInRules } from "@/lib/engine/accounts/schemas";
import { signInRulesQuery } from "./queries";
import { ROLE_WORDS } from "./words";

/** Which roles must have a second factor. */
export function SignInRulesPanel() {
  return (
    <May call="setSignInRules">
      <Panel title="Second factor is required for">
        <Rules />
      </Panel>
    </May>
  );
}

function Rules() {
  const save = useAction({
    run: (rules: SignInRules) => callAdmin(adminContract.setSignInRules, rules),
    touches: [["sign-in-rules"]],
    done: () => "Saved",
  });
  return (
    <QueryView query={useQuery(signInRulesQuery())} what="the rules">
      {({ secondFactorRoles }) => (
        <fieldset disabled={save.isPending}>
          <legend className="sr-only">Second factor is required for</legend>
          <div className="flex flex-wrap gap-x-6 gap-y-1">
            {Role.options.map((role) => (
              <Checkbox
                key={role}
                label={ROLE_WORDS[role].name}
                checked={secondFactorRoles.includes(role)}
                onChange={(event) =>
                  save.mutate({
                    secondFactorRoles: Role.options.filter((one) =>
                      one === role ? event.target.checked : secondFactorRoles.includes(one),
                    ),
                  })
                }
              />
            ))}
          </div>
          <p className="mt-2 text-muted text-xs">
            Who signs in with a password and has none can do nothing but set one up, from the next click on. Tokens of
            scripts, and people who come by single sign-on, are not asked for it.
          </p>
        </fieldset>
      )}
    </QueryView>
  );
}

import { Panel } from "@/components/ui/panel";
import type { AgentPolicy } from "@/lib/engine/agents/schemas";

/** The policies that protect a replica on its source. Nothing when it told of none. */
export function PoliciesPanel({ policies }: { policies: readonly AgentPolicy[] }) {
  if (policies.length === 0) return null;
  return (
    <Panel flush title="Policies" note="on the source">
      <ul>
        {policies.map((policy) => (
          <li key={policy.id} className="min-w-0 border-b px-3.5 py-2.5 text-sm last:border-b-0">
            <p className="break-words font-medium">{policy.name}</p>
            {policy.summary && <p className="break-words text-muted text-xs">{policy.summary}</p>}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

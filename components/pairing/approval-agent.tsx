"use client";

import { Checkbox, Field, Select } from "@/components/ui/field";
import { SizeInput } from "@/components/ui/size-input";
import type { WantedAgent } from "@/lib/engine/pairing/schemas";
import type { RepositorySummary } from "@/lib/engine/repositories/schemas";
import { formatBytes } from "@/lib/format";
import type { AgentChoice } from "./approval-choice";

interface ApprovalAgentProps {
  agent: WantedAgent;
  choice: AgentChoice;
  repositories: readonly RepositorySummary[];
  onChange: (choice: AgentChoice) => void;
}

/** One wanted agent: taken or not, where to, and how much it may occupy. */
export function ApprovalAgent({ agent, choice, repositories, onChange }: ApprovalAgentProps) {
  return (
    <li className="grid gap-2 border-b px-3 py-2.5 last:border-b-0">
      <div className="flex items-center justify-between gap-3">
        <Checkbox
          checked={choice.taken}
          onChange={(event) => onChange({ ...choice, taken: event.target.checked })}
          label={<span className="font-medium">{agent.name}</span>}
        />
        <span className="shrink-0 text-muted text-sm">{formatBytes(agent.sizeBytes)}</span>
      </div>
      {choice.taken && (
        <div className="grid gap-2 sm:grid-cols-2">
          <Field label={<span className="text-muted text-xs">Repository</span>}>
            {(control) => (
              <Select
                {...control}
                value={choice.repositoryId}
                onChange={(event) => onChange({ ...choice, repositoryId: event.target.value })}
              >
                {repositories.map((repository) => (
                  <option key={repository.id} value={repository.id}>
                    {repository.reachable
                      ? `${repository.name} (${formatBytes(repository.freeBytes)} free)`
                      : `${repository.name} (cannot be reached)`}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <SizeInput
            label="Quota"
            value={choice.quotaBytes}
            onChange={(quotaBytes) => onChange({ ...choice, quotaBytes })}
            units={["GiB", "TiB", "MiB"]}
          />
        </div>
      )}
    </li>
  );
}

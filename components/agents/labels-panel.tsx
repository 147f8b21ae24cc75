"use client";

import { Pencil } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { useMay } from "@/components/shell/me";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Field, Input } from "@/components/ui/field";
import { Panel } from "@/components/ui/panel";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { type AgentDetail, UpdateAgentInput } from "@/lib/engine/agents/schemas";

/** The words that people gave an agent; for a replica those of its source. */
export function LabelsPanel({ agent }: { agent: AgentDetail }) {
  const may = useMay();
  const [editing, setEditing] = useState(false);
  const mine = agent.ledBy === null && may(adminContract.updateAgent);
  return (
    <Panel
      title="Labels"
      note={agent.ledBy !== null && `those of ${agent.ledBy}`}
      actions={
        mine &&
        !editing && (
          <Button size="sm" onClick={() => setEditing(true)}>
            <Pencil aria-hidden />
            Edit
          </Button>
        )
      }
    >
      {editing ? <LabelsForm agent={agent} onClose={() => setEditing(false)} /> : <Labels labels={agent.labels} />}
    </Panel>
  );
}

function Labels({ labels }: { labels: readonly string[] }) {
  if (labels.length === 0) return <p className="text-muted text-sm">None.</p>;
  return (
    <ul className="flex flex-wrap gap-1.5">
      {labels.map((label) => (
        <li key={label} className="min-w-0">
          <Badge className="max-w-full whitespace-normal break-words">{label}</Badge>
        </li>
      ))}
    </ul>
  );
}

function LabelsForm({ agent, onClose }: { agent: AgentDetail; onClose: () => void }) {
  const [text, setText] = useState(agent.labels.join(", "));
  const [wrong, setWrong] = useState<string>();
  const update = useAction({
    run: (input: UpdateAgentInput) => callAdmin(adminContract.updateAgent, input),
    touches: [["agents"]],
    done: () => `The labels of ${agent.name} are saved`,
    onDone: onClose,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const labels = text
      .split(",")
      .map((label) => label.trim())
      .filter((label) => label !== "");
    const input = UpdateAgentInput.safeParse({ id: agent.id, labels });
    setWrong(input.error?.issues[0]?.message);
    if (input.success) update.mutate(input.data);
  };
  return (
    <form
      onSubmit={submit}
      noValidate
      className="grid gap-3"
      onKeyDown={(event) => event.key === "Escape" && onClose()}
    >
      <Field label="Labels" hint="With commas between them. Targets hear of them by themselves." error={wrong}>
        {(control) => <Input {...control} autoFocus value={text} onChange={(event) => setText(event.target.value)} />}
      </Field>
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button tone="primary" type="submit" pending={update.isPending}>
          Save
        </Button>
      </div>
    </form>
  );
}

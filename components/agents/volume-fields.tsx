"use client";

import { Field, Input, Select, Textarea } from "@/components/ui/field";
import { VolumeInput } from "@/lib/engine/agents/schemas";

/** What a person has typed so far; becomes a VolumeInput once it is whole. */
export interface VolumeDraft {
  kind: VolumeInput["kind"];
  name: string;
  path: string;
  /** One pattern a line. */
  excludes: string;
}

export type WrongVolume = Partial<Record<"name" | "path" | "excludes", string>>;

export const EMPTY_VOLUME: VolumeDraft = { kind: "folder", name: "", path: "", excludes: "" };

const SAYINGS = {
  name: "Give the volume a name.",
  path: "Give an absolute path on this core's machine.",
  excludes: "At most 200 patterns of 1,024 characters.",
} as const;

/** The draft as the core takes it, or what is wrong with it. */
export function readVolume(draft: VolumeDraft): { volume?: VolumeInput; wrong: WrongVolume } {
  const excludes = draft.excludes
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  const name = draft.name.trim() || suggestName(draft);
  const input = VolumeInput.safeParse({ kind: draft.kind, name, path: draft.path.trim(), excludes });
  const wrong: WrongVolume = {};
  if (draft.kind !== "stream" && !draft.path.trim().startsWith("/")) wrong.path = SAYINGS.path;
  if (!input.success)
    for (const issue of input.error.issues) {
      const field = issue.path[0];
      if (field === "name" || field === "path" || field === "excludes") wrong[field] ??= SAYINGS[field];
    }
  return Object.keys(wrong).length > 0 || !input.success ? { wrong } : { volume: input.data, wrong };
}

/** The last part of the path says it well enough. */
function suggestName(draft: VolumeDraft): string {
  if (draft.kind === "stream") return "stream";
  return draft.path.trim().split("/").filter(Boolean).at(-1) ?? (draft.path.trim() === "/" ? "root" : "");
}

interface VolumeFieldsProps {
  draft: VolumeDraft;
  wrong: WrongVolume;
  onChange: (draft: VolumeDraft) => void;
}

export function VolumeFields({ draft, wrong, onChange }: VolumeFieldsProps) {
  const set = (part: Partial<VolumeDraft>) => onChange({ ...draft, ...part });
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="What it is">
          {(control) => (
            <Select
              {...control}
              value={draft.kind}
              onChange={(event) => set({ kind: KINDS.find((kind) => kind === event.target.value) ?? "folder" })}
            >
              <option value="folder">A folder of this machine</option>
              <option value="image">A disk image or block device</option>
              <option value="stream">A stream, sent over HTTP</option>
            </Select>
          )}
        </Field>
        <Field label="Name" hint="Left empty, it is named after the path." error={wrong.name}>
          {(control) => (
            <Input
              {...control}
              value={draft.name}
              autoComplete="off"
              onChange={(event) => set({ name: event.target.value })}
            />
          )}
        </Field>
      </div>
      {draft.kind !== "stream" && (
        <Field label={draft.kind === "folder" ? "Folder" : "File or device"} error={wrong.path}>
          {(control) => (
            <Input
              {...control}
              className="font-mono"
              spellCheck={false}
              autoComplete="off"
              placeholder={draft.kind === "folder" ? "/srv/data" : "/dev/vg0/data"}
              value={draft.path}
              onChange={(event) => set({ path: event.target.value })}
            />
          )}
        </Field>
      )}
      {draft.kind === "folder" && (
        <Field label="Leave out" hint="One pattern a line, such as node_modules or *.tmp." error={wrong.excludes}>
          {(control) => (
            <Textarea
              {...control}
              className="font-mono"
              spellCheck={false}
              value={draft.excludes}
              onChange={(event) => set({ excludes: event.target.value })}
            />
          )}
        </Field>
      )}
      {draft.kind === "stream" && (
        <p className="text-muted text-sm">
          A script sends the bytes whenever it likes; every stream becomes a recovery point. The line to paste is shown
          on the agent's page.
        </p>
      )}
    </>
  );
}

const KINDS = ["folder", "image", "stream"] as const;

"use client";

import { Download } from "lucide-react";
import { Panel } from "@/components/ui/panel";
import { API_PREFIX } from "@/lib/admin/call";
import type { StatementForm, StatementFormat } from "@/lib/engine/statement-forms/schemas";
import type { StatementDetail } from "@/lib/engine/statements/schemas";

const FORMS: readonly { form: StatementForm; label: string; hint: string }[] = [
  { form: "summary", label: "Summary", hint: "The lines and the total." },
  { form: "days", label: "Per-day detail", hint: "Every agent on every day, with what was counted." },
  { form: "usage", label: "Usage without prices", hint: "By agent; nothing of what it costs." },
];
const FORMATS: readonly StatementFormat[] = ["pdf", "csv", "json"];

/** The statement in each form, for people and for programs. */
export const ExportsPanel = ({ statement }: { statement: StatementDetail }) => (
  <Panel title="Exports" note={statement.state === "draft" ? "marked as a draft" : "the same bytes each time"}>
    <ul className="grid gap-3">
      {FORMS.map(({ form, label, hint }) => (
        <li key={form} className="grid gap-1">
          <span className="font-medium text-sm">{label}</span>
          <span className="text-muted text-xs">{hint}</span>
          <span className="flex flex-wrap gap-x-4 gap-y-1">
            {FORMATS.map((format) => (
              <a
                key={format}
                href={`${API_PREFIX}/statements/${statement.id}/download?form=${form}&format=${format}`}
                download
                aria-label={`${label} as ${format.toUpperCase()}`}
                className="inline-flex min-h-6 items-center gap-1 text-petrol text-sm underline-offset-2 hover:underline touch:min-h-11"
              >
                <Download className="size-3.5" aria-hidden />
                {format.toUpperCase()}
              </a>
            ))}
          </span>
        </li>
      ))}
    </ul>
  </Panel>
);

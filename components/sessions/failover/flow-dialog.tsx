"use client";

import { Check, X } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";

interface FlowDialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  /** Sentences: what the core will do, in order. */
  will: readonly string[];
  /** Sentences: what it will not do, or not touch. */
  willNot: readonly string[];
  /** What is chosen before: above the sentences, which follow it. */
  children?: ReactNode;
  /** What the button does, as a verb with its object. */
  action: string;
  tone?: "primary" | "danger";
  /** Must be typed before the button works. */
  typed?: string;
  pending: boolean;
  error: Error | null;
  onConfirm: () => void;
}

/** Asks before the roles of two cores change: says in sentences what will happen and what will not, and shows the core's own refusal. */
export function FlowDialog(props: FlowDialogProps) {
  const { open, onClose, title, children, action, tone = "primary", typed, pending, error, onConfirm } = props;
  const [text, setText] = useState("");
  const [refused, setRefused] = useState(false);
  const ready = !typed || text.trim() === typed;
  const close = () => {
    setText("");
    setRefused(false);
    onClose();
  };
  const footer = (
    <div className="flex flex-wrap justify-end gap-2">
      <Button onClick={close}>Not now</Button>
      <Button tone={tone} pending={pending} onClick={() => (ready ? onConfirm() : setRefused(true))}>
        {action}
      </Button>
    </div>
  );
  return (
    <Dialog open={open} onOpenChange={(next) => !next && close()} title={title} footer={footer} wide>
      <div className="grid gap-4 text-sm">
        {children}
        <Sentences title="What happens" icon="will" items={props.will} />
        <Sentences title="What does not happen" icon="willNot" items={props.willNot} />
        {typed && (
          <Field label={`Type “${typed}” to confirm`} error={refused && !ready ? "That is not the name." : undefined}>
            {(control) => (
              <Input
                {...control}
                autoComplete="off"
                spellCheck={false}
                value={text}
                onChange={(event) => setText(event.target.value)}
              />
            )}
          </Field>
        )}
        {error && (
          <Notice kind="danger" live title="Nothing was changed">
            {error.message}
          </Notice>
        )}
      </div>
    </Dialog>
  );
}

function Sentences({ title, icon, items }: { title: string; icon: "will" | "willNot"; items: readonly string[] }) {
  const Icon = icon === "will" ? Check : X;
  return (
    <section className="grid gap-1.5">
      <h3 className="font-medium">{title}</h3>
      <ul className="grid gap-1.5">
        {items.map((item) => (
          <li key={item} className="grid grid-cols-[auto_minmax(0,1fr)] gap-2">
            <Icon className={icon === "will" ? "mt-0.5 size-4 text-petrol" : "mt-0.5 size-4 text-muted"} aria-hidden />
            <span>{item}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

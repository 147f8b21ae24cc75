"use client";

import { type ReactNode, useState } from "react";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { Field, Input } from "./field";

interface ConfirmProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  children: ReactNode;
  /** What the button does, as a verb with its object: "End pairing". */
  action: string;
  /** Must be typed before the button works; for what cannot be undone. */
  typed?: string;
  pending: boolean;
  onConfirm: () => void;
}

/** Asks before something that cannot be taken back, and says what it will and will not touch. */
export function Confirm({ open, onOpenChange, title, children, action, typed, pending, onConfirm }: ConfirmProps) {
  const [text, setText] = useState("");
  const [refused, setRefused] = useState(false);
  const ready = !typed || text.trim() === typed;
  const change = (next: boolean) => {
    setText("");
    setRefused(false);
    onOpenChange(next);
  };
  const footer = (
    <div className="flex flex-wrap justify-end gap-2">
      <Button onClick={() => change(false)}>Keep it</Button>
      <Button tone="danger" pending={pending} onClick={() => (ready ? onConfirm() : setRefused(true))}>
        {action}
      </Button>
    </div>
  );
  return (
    <Dialog open={open} onOpenChange={change} title={title} footer={footer}>
      <div className="grid gap-3 text-sm">
        {children}
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
      </div>
    </Dialog>
  );
}

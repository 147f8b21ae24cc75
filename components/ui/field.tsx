"use client";

import { type ComponentProps, type ReactNode, useId } from "react";
import { cn } from "./cn";

const CONTROL =
  "w-full min-w-0 rounded-md border border-line-strong/70 bg-surface px-2.5 text-sm text-ink placeholder:text-muted/80 aria-invalid:border-danger disabled:opacity-60 max-sm:text-lg";

interface FieldProps {
  label: ReactNode;
  hint?: ReactNode;
  error?: string;
  className?: string;
  /** Is handed the ids that tie label, hint and error to the control. */
  children: (control: {
    id: string;
    "aria-describedby": string | undefined;
    "aria-invalid": boolean | undefined;
  }) => ReactNode;
}

/** A control with its label above, its hint below, and its error where the hint was. */
export function Field({ label, hint, error, className, children }: FieldProps) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className={cn("grid min-w-0 content-start gap-1", className)}>
      <label htmlFor={id} className="font-medium text-sm">
        {label}
      </label>
      {children({ id, "aria-describedby": note ? `${id}-note` : undefined, "aria-invalid": error ? true : undefined })}
      {note && (
        <p id={`${id}-note`} className={cn("text-xs", error ? "font-medium text-danger" : "text-muted")}>
          {note}
        </p>
      )}
    </div>
  );
}

export const Input = ({ className, ...props }: ComponentProps<"input">) => (
  <input {...props} className={cn(CONTROL, "h-9 touch:h-11", className)} />
);

export const Textarea = ({ className, ...props }: ComponentProps<"textarea">) => (
  <textarea rows={3} {...props} className={cn(CONTROL, "py-2 leading-5", className)} />
);

/** The browser's own select: it knows every keyboard, screen reader and phone. */
export const Select = ({ className, children, ...props }: ComponentProps<"select">) => (
  <select
    {...props}
    className={cn(
      CONTROL,
      "h-9 appearance-none truncate bg-[length:16px] bg-[right_8px_center] bg-no-repeat pr-7 touch:h-11",
      className,
    )}
    style={{ backgroundImage: CHEVRON }}
  >
    {children}
  </select>
);

const CHEVRON = `url("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='%237a8a90' stroke-width='2.4'%3E%3Cpath d='m6 9 6 6 6-6'/%3E%3C/svg%3E")`;

interface CheckboxProps extends Omit<ComponentProps<"input">, "type"> {
  label: ReactNode;
}

export function Checkbox({ label, className, ...props }: CheckboxProps) {
  return (
    <label
      className={cn("inline-flex min-h-6 min-w-0 cursor-pointer items-center gap-2 text-sm touch:min-h-11", className)}
    >
      <input type="checkbox" {...props} className="size-4 shrink-0 accent-petrol touch:size-5" />
      <span className="min-w-0 break-words">{label}</span>
    </label>
  );
}

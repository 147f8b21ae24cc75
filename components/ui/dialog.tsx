"use client";

import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { IconButton } from "./button";
import { cn } from "./cn";

interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  children: ReactNode;
  /** Stays in sight below what scrolls: the buttons and what they will do. */
  footer?: ReactNode;
  /** A sheet comes from the side, and from below on a phone; a dialog stands in the middle. */
  variant?: "dialog" | "sheet";
  wide?: boolean;
}

const SHAPES = {
  dialog:
    "left-1/2 top-1/2 max-h-[calc(100dvh-2rem)] w-[calc(100vw-2rem)] -translate-x-1/2 -translate-y-1/2 rounded-lg data-[state=open]:fade-in-0 data-[state=open]:zoom-in-98",
  sheet:
    "inset-x-0 bottom-0 max-h-[94dvh] rounded-t-lg data-[state=open]:slide-in-from-bottom-8 sm:inset-y-0 sm:right-0 sm:left-auto sm:max-h-none sm:rounded-none sm:rounded-l-lg sm:data-[state=open]:slide-in-from-right-8 sm:data-[state=open]:slide-in-from-bottom-0",
} as const;

/** Holds the focus while it is open and gives it back afterwards. */
export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  children,
  footer,
  variant = "dialog",
  wide,
}: DialogProps) {
  const width = variant === "sheet" ? (wide ? "sm:w-[40rem]" : "sm:w-[30rem]") : wide ? "max-w-2xl" : "max-w-lg";
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-in bg-shade fade-in-0 duration-150" />
        <Radix.Content
          {...(description ? {} : { "aria-describedby": undefined })}
          className={cn(
            "fixed z-50 flex max-w-full animate-in flex-col overflow-hidden border bg-surface shadow-overlay duration-200 focus:outline-none",
            SHAPES[variant],
            width,
          )}
        >
          <div className="flex items-start gap-3 border-b px-4 py-3">
            <div className="min-w-0 flex-1">
              <Radix.Title className="break-words font-semibold text-lg">{title}</Radix.Title>
              {description && (
                <Radix.Description className="mt-0.5 text-muted text-sm">{description}</Radix.Description>
              )}
            </div>
            <Radix.Close asChild>
              <IconButton label="Close" className="-mr-1.5">
                <X aria-hidden />
              </IconButton>
            </Radix.Close>
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto px-4 py-4">{children}</div>
          {footer && (
            <div className="border-t bg-surface px-4 py-3 pb-[max(0.75rem,env(safe-area-inset-bottom))]">{footer}</div>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

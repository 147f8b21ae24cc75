"use client";

import type { LucideIcon } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import { cn } from "./cn";

export interface MenuItem {
  label: string;
  icon?: LucideIcon;
  onSelect: () => void;
  danger?: boolean;
  disabled?: boolean;
  /** The one that is in force, among items of which one is. */
  checked?: boolean;
}

interface MenuProps {
  trigger: ReactNode;
  items: readonly MenuItem[];
  heading?: ReactNode;
  align?: "start" | "end";
}

export function Menu({ trigger, items, heading, align = "end" }: MenuProps) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          sideOffset={6}
          collisionPadding={8}
          className="z-50 min-w-44 animate-in rounded-md border bg-surface p-1 shadow-overlay fade-in-0 duration-100"
        >
          {heading && <DropdownMenu.Label className="px-2 py-1.5 text-muted text-xs">{heading}</DropdownMenu.Label>}
          {items.map((item) => (
            <DropdownMenu.Item
              key={item.label}
              disabled={item.disabled}
              onSelect={item.onSelect}
              className={cn(
                "flex cursor-pointer items-center gap-2 rounded-sm px-2 py-1.5 text-sm outline-none touch:py-2.5 data-[disabled]:opacity-50 data-[highlighted]:bg-hover",
                item.danger && "text-danger",
              )}
            >
              {item.icon && <item.icon className="size-4" aria-hidden />}
              <span className="flex-1">{item.label}</span>
              {item.checked && <span className="text-muted text-xs">on</span>}
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

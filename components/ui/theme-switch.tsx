"use client";

import { Monitor, Moon, Sun } from "lucide-react";
import { useTheme } from "next-themes";
import { useSyncExternalStore } from "react";
import { cn } from "./cn";

const CHOICES = [
  { value: "light", label: "Light", icon: Sun },
  { value: "dark", label: "Dark", icon: Moon },
  { value: "system", label: "As the system", icon: Monitor },
] as const;

const never = () => () => undefined;

export function ThemeSwitch({ className }: { className?: string }) {
  const { theme, setTheme } = useTheme();
  // The server cannot know the choice; marking one before the browser has spoken would not match.
  const mounted = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  return (
    <fieldset className={cn("inline-flex gap-0.5 rounded-md border border-rail-line p-0.5", className)}>
      <legend className="sr-only">Theme</legend>
      {CHOICES.map(({ value, label, icon: Icon }) => (
        <button
          key={value}
          type="button"
          aria-label={label}
          title={label}
          aria-pressed={mounted && theme === value}
          onClick={() => setTheme(value)}
          className="grid size-7 place-items-center rounded-sm text-rail-muted hover:text-rail-ink aria-pressed:bg-rail-active aria-pressed:text-rail-ink touch:size-10"
        >
          <Icon className="size-3.5" aria-hidden />
        </button>
      ))}
    </fieldset>
  );
}

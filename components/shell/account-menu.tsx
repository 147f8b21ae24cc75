"use client";

import { ChevronsUpDown, LogOut, UserCog } from "lucide-react";
import { useRouter } from "next/navigation";
import { signOut } from "next-auth/react";
import { Menu } from "@/components/ui/menu";
import { useMe } from "./me";

/** Ends the sign-in on the server, not only in this browser. */
export async function leave(): Promise<void> {
  await signOut({ redirect: false });
  location.assign("/sign-in");
}

export function AccountMenu() {
  const me = useMe();
  const router = useRouter();
  const trigger = (
    <button
      type="button"
      className="flex w-full min-w-0 items-center gap-2.5 rounded-md px-2 py-1.5 text-left hover:bg-rail-hover focus-visible:outline-rail-ink"
    >
      <span
        className="grid size-7 shrink-0 place-items-center rounded-full bg-rail-active font-semibold text-rail-ink text-xs"
        aria-hidden
      >
        {me.name.slice(0, 1).toUpperCase()}
      </span>
      <span className="min-w-0 flex-1">
        <span className="block truncate font-medium text-rail-ink text-sm">{me.name}</span>
        <span className="block truncate text-rail-muted text-xs">{me.role}</span>
      </span>
      <ChevronsUpDown className="size-3.5 shrink-0 text-rail-muted" aria-hidden />
    </button>
  );
  return (
    <Menu
      align="start"
      trigger={trigger}
      heading={me.email}
      items={[
        { label: "Your account", icon: UserCog, onSelect: () => router.push("/account") },
        { label: "Sign out", icon: LogOut, onSelect: () => void leave() },
      ]}
    />
  );
}

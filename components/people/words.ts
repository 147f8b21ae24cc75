import type { Tone } from "@/components/ui/badge";
import type { AccountState, Role, SignInWay } from "@/lib/engine/accounts/schemas";

export const ROLE_WORDS: Readonly<Record<Role, { name: string; may: string }>> = {
  administrator: { name: "Administrator", may: "does everything" },
  approver: { name: "Approver", may: "lets cores in, and sees all" },
  engineer: { name: "Engineer", may: "protects, replicates and restores" },
  billing: { name: "Billing", may: "works with usage, prices and statements" },
  reader: { name: "Read-only", may: "sees, and changes nothing" },
};

export const STATE_WORDS: Readonly<Record<AccountState, { label: string; tone: Tone }>> = {
  active: { label: "active", tone: "ok" },
  invited: { label: "invited", tone: "petrol" },
  disabled: { label: "disabled", tone: "danger" },
};

export const WAY_WORDS: Readonly<Record<SignInWay, string>> = {
  password: "password",
  second_factor: "password and code",
  identity: "single sign-on",
};

const BROWSERS: readonly [RegExp, string][] = [
  [/Edg\//, "Edge"],
  [/OPR\//, "Opera"],
  [/Firefox\//, "Firefox"],
  [/Chrome\//, "Chrome"],
  [/Safari\//, "Safari"],
];
const SYSTEMS: readonly [RegExp, string][] = [
  [/Android/, "Android"],
  [/iPhone|iPad/, "iOS"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/Linux/, "Linux"],
];

/** "Firefox on Linux", out of what a browser says of itself; that is a claim, not a proof. */
export function browserName(userAgent: string): string {
  const nameIn = (list: readonly [RegExp, string][]) => list.find(([pattern]) => pattern.test(userAgent))?.[1];
  const browser = nameIn(BROWSERS);
  const system = nameIn(SYSTEMS);
  if (!browser) return userAgent.slice(0, 40) || "unknown";
  return system ? `${browser} on ${system}` : browser;
}

/** Where a one-time link leads; what stands behind the # is never sent. */
export const linkUrl = (token: string) => `${location.origin}/link#${token}`;

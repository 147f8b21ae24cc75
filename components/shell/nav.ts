import {
  Bell,
  BookOpenText,
  Building2,
  ChartArea,
  Database,
  Gauge,
  Handshake,
  HardDrive,
  type LucideIcon,
  Network,
  ReceiptText,
  ScrollText,
  Server,
  Settings2,
  ShieldCheck,
  UserRoundCheck,
  Users,
  Waypoints,
} from "lucide-react";
import type { Route } from "next";
import type { Me, Role } from "@/lib/engine/accounts/schemas";

export interface NavItem {
  href: Route;
  label: string;
  icon: LucideIcon;
  /** Stands in the bar at the bottom of a phone; the rest is under "More". */
  bar?: boolean;
  /** Who may open it; absent: every role. */
  roles?: readonly Role[];
  /** About the whole core: accounts that are bound to tenants do not see it. */
  isCoreWide?: boolean;
}

export const NAV: readonly NavItem[] = [
  { href: "/", label: "Overview", icon: Gauge, bar: true },
  { href: "/alerts", label: "Alerts", icon: Bell, bar: true },
  { href: "/sessions", label: "Sessions", icon: Waypoints, bar: true },
  { href: "/pairing", label: "Pairing", icon: Handshake, bar: true },
  { href: "/systems", label: "Systems", icon: Network },
  { href: "/agents", label: "Agents", icon: Server, bar: true },
  { href: "/tenants", label: "Tenants", icon: Building2 },
  { href: "/policies", label: "Policies", icon: ShieldCheck },
  { href: "/repositories", label: "Repositories", icon: Database },
  { href: "/usage", label: "Usage", icon: ChartArea },
  { href: "/statements", label: "Statements", icon: ReceiptText, roles: ["administrator", "billing"] },
  { href: "/seed-drives", label: "Seed drives", icon: HardDrive },
  { href: "/people", label: "People", icon: Users, roles: ["administrator"], isCoreWide: true },
  { href: "/audit", label: "Audit", icon: ScrollText, roles: ["administrator"], isCoreWide: true },
  { href: "/two-person", label: "Two-person requests", icon: UserRoundCheck },
  { href: "/reference", label: "API reference", icon: BookOpenText },
  { href: "/settings", label: "Settings", icon: Settings2 },
];

export const isCurrent = (href: string, pathname: string) =>
  href === "/" ? pathname === "/" : pathname === href || pathname.startsWith(`${href}/`);

/** What this account may open. Only for what to show: the server decides for itself. */
export const navFor = ({ role, tenantIds }: Pick<Me, "role" | "tenantIds">): NavItem[] =>
  NAV.filter(({ roles, isCoreWide }) => (roles?.includes(role) ?? true) && (!isCoreWide || tenantIds === null));

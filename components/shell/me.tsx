"use client";

import { createContext, type ReactNode, useContext } from "react";
import type { Me } from "@/lib/engine/accounts/schemas";
import type { Row } from "@/lib/http/row";

const MeContext = createContext<Me | null>(null);

export const MeProvider = ({ me, children }: { me: Me; children: ReactNode }) => (
  <MeContext.Provider value={me}>{children}</MeContext.Provider>
);

export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error("useMe is used outside the dashboard");
  return me;
}

/** May the one who is signed in call this row? Only for what to show: the server decides for itself. */
export function useMay(): (row: Pick<Row, "roles" | "reach">) => boolean {
  const { role, tenantIds } = useMe();
  return ({ roles, reach }) =>
    roles === "anyone" || (roles.includes(role) && (tenantIds === null || (reach ?? "core") !== "core"));
}

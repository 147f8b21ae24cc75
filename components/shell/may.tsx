"use client";

import type { ReactNode } from "react";
import { type AdminContract, adminContract } from "@/lib/admin/contract";
import { useMay } from "./me";

/** Shows what leads to an operation to those whose role may call it. */
export function May({ call, children }: { call: keyof AdminContract; children: ReactNode }) {
  return useMay()(adminContract[call]) ? children : null;
}

import { TwincoreError } from "@/lib/errors";
import type { Reach } from "./row";

/** Throws forbidden when a row is about the whole core and the account is bound to tenants. */
export function assertReach(reach: Reach | undefined, tenantIds: readonly string[] | null): void {
  if (tenantIds !== null && (reach ?? "core") === "core")
    throw new TwincoreError(
      "forbidden",
      "This is about the whole core, and your account is bound to some of its tenants. Ask an administrator of the core.",
    );
}

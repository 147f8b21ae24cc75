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

/** Throws forbidden, with the detail "second-factor-required", for who still has to set up the second factor that this core asks for. */
export function assertSecondFactor(mustEnrol: boolean, isOpenBefore: boolean | undefined): void {
  if (mustEnrol && !isOpenBefore)
    throw new TwincoreError(
      "forbidden",
      "This core asks your role for a second factor. Set one up on the page of your account; then everything else is open to you.",
      { detail: "second-factor-required" },
    );
}

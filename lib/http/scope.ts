import { holdsScope, type Scoped, scopeOf } from "@/lib/engine/accounts/scopes";
import { TwincoreError } from "@/lib/errors";

/** Throws forbidden, naming the scope, when a token or key was not given out for what a row does. */
export function assertScope(row: Scoped, { scopes }: { readonly scopes: readonly string[] | null }): void {
  const needed = scopeOf(row);
  if (holdsScope(scopes, needed)) return;
  throw new TwincoreError(
    "forbidden",
    `This takes the scope ${needed}, which the token was not given out for. Use one that has it, or make a new one.`,
    { detail: "scope" },
  );
}

import "server-only";
import type { AccountActor, EngineContext } from "@/lib/engine/context";
import { TwincoreError } from "@/lib/errors";
import type { ProtectionSettings } from "./schemas";

const MINUTE_MS = 60_000;

/** Tokens that were given out for protected actions need no proof: nobody sits before them. */
export const PROTECTED_SCOPE = "protected";

/** Until when the last proof of the caller counts; null: there is none. */
export function proofEnd({ credential }: AccountActor, { proofMinutes }: ProtectionSettings): Date | null {
  return credential?.provenAt ? new Date(credential.provenAt.getTime() + proofMinutes * MINUTE_MS) : null;
}

/** Throws step_up_required unless the caller proved a short while ago to be there, or holds a token that was made for this. */
export function assertProven(ctx: EngineContext, actor: AccountActor, settings: ProtectionSettings): void {
  const { credential } = actor;
  if (credential?.scopes?.includes(PROTECTED_SCOPE)) return;
  // Also a sign-in that was opened with a token: it is no more than the token.
  if (credential && (credential.scopes || credential.kind === "api-token" || credential.kind === "access-key"))
    throw required(
      `This is a protected action, and this ${credential.kind === "access-key" ? "access key" : "token"} was not made for those. Do it in the dashboard, or make one with the scope "${PROTECTED_SCOPE}".`,
      "scope",
    );
  const end = proofEnd(actor, settings);
  if (end && end > ctx.now()) return;
  if (credential?.kind === "vendor-sign-in")
    throw required(
      `This is a protected action, and this sign-in is older than ${minutes(settings)}. Sign in again, and repeat it.`,
      "sign-in",
    );
  throw required(
    `This is a protected action: prove once more that it is you, with your password or a code of your second factor (POST /api/v1/me/proof), and repeat it. A proof counts for ${minutes(settings)}.`,
    "prove",
  );
}

const minutes = ({ proofMinutes }: ProtectionSettings) => (proofMinutes === 1 ? "1 minute" : `${proofMinutes} minutes`);

const required = (message: string, detail: string) => new TwincoreError("step_up_required", message, { detail });

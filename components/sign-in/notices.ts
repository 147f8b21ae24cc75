import { IDENTITY_REFUSALS } from "@/lib/engine/accounts/identity-provider/schemas";

interface Asked {
  refused?: string;
  ended?: string;
  error?: string;
}

/** What the sign-in page says of how one came to it; null: nothing. Fixed texts: nothing out of an address is ever shown. */
export function noticeOf({ refused, ended, error }: Asked): string | null {
  if (refused !== undefined) {
    const why = Object.entries(IDENTITY_REFUSALS).find(([name]) => name === refused)?.[1];
    return why ? `${why} Ask an administrator of this core.` : "Single sign-on did not work just now. Try again.";
  }
  if (error !== undefined) return "Single sign-on did not work just now. Try again, or use your password.";
  return ended === undefined ? null : "Your sign-in was ended. Sign in again to go on.";
}

import { z } from "zod";

export const Refusal = z.object({
  code: z.string(),
  message: z.string(),
  /** "second-factor-needed", "second-factor-wrong": the password was right. */
  detail: z.string().nullish(),
  retryAfterSeconds: z.number().nullable(),
});
export type Refusal = z.infer<typeof Refusal>;

/** What the core said, out of the one string that next-auth hands over; its own words ("CredentialsSignin") become a plain sentence. */
export function toRefusal(text: string | null | undefined): Refusal {
  try {
    return Refusal.parse(JSON.parse(text ?? ""));
  } catch {
    return { code: "unavailable", message: "Signing in did not work just now. Try again.", retryAfterSeconds: null };
  }
}

const HERE = "https://core.invalid";

/** A path of this core to go to after the sign-in; anything else becomes the overview. */
export function safeNext(next: string | undefined): string {
  // The browser's own parser decides what is another host: "//host", "/\\host" and "/<tab>/host" all are.
  if (!next?.startsWith("/") || !URL.canParse(next, HERE)) return "/";
  const url = new URL(next, HERE);
  if (url.origin !== HERE || url.pathname.startsWith("/sign-in") || url.pathname.startsWith("//")) return "/";
  return url.pathname + url.search;
}

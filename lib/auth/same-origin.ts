import { TwincoreError } from "@/lib/errors";

/** What a browser says of a request that our own page made, or the person by typing the address. */
const OWN_SITE: readonly (string | null)[] = [null, "same-origin", "none"];

/**
 * Throws forbidden when a page of another origin made the request: by its Origin, by what the browser says of its site ("same-site" is another
 * origin, too: any other port of this host), or because a change comes with a cookie and without an Origin, which browsers send with every change.
 */
export function assertSameOrigin(request: Request): void {
  if (isFromElsewhere(request) || (lacksOrigin(request) && request.headers.has("cookie")))
    throw new TwincoreError("forbidden", "This request comes from a page of another site.");
}

/** Does the request say itself that another origin's page made it? */
export function isFromElsewhere({ headers }: Request): boolean {
  const origin = headers.get("origin");
  const isForeign = origin !== null && !(URL.canParse(origin) && new URL(origin).host === headers.get("host"));
  return isForeign || !OWN_SITE.includes(headers.get("sec-fetch-site"));
}

const lacksOrigin = ({ method, headers }: Request) =>
  method !== "GET" && method !== "HEAD" && headers.get("origin") === null;

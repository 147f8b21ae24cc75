import { invalidInput } from "@/lib/errors";

/** JSON between Twincore cores, XML for existing clients of the contract. */
export type Format = "json" | "xml";

/** What a body is: by its content type; without one, as the published client sends it, by its first character. Throws invalid_input. */
export function bodyFormat(request: Request, text: string): Format {
  const [type = "", ...parameters] = (request.headers.get("content-type") ?? "").toLowerCase().split(";");
  const charset = parameters.map((each) => /^\s*charset\s*=\s*"?([^"\s]+)/.exec(each)?.[1]).find(Boolean);
  if (charset && charset !== "utf-8" && charset !== "us-ascii")
    throw invalidInput(`This core reads UTF-8, not ${charset.slice(0, 40)}.`);
  switch (type.trim()) {
    case "application/json":
      return "json";
    case "application/xml":
    case "text/xml":
      return "xml";
    case "":
    case "application/octet-stream":
    // What fetch and curl call a text when nobody says what it is.
    case "text/plain":
    case "application/x-www-form-urlencoded":
      return text.trimStart().startsWith("<") ? "xml" : "json";
    default:
      throw invalidInput(`This core reads application/xml and application/json here, not ${type.slice(0, 100)}.`);
  }
}

/** What to answer in: what is asked for by name; else what the caller speaks itself; else XML, which existing clients expect. */
export function answerFormat(request: Request): Format {
  const wanted = (request.headers.get("accept") ?? "").toLowerCase();
  const json = wanted.indexOf("json");
  const xml = wanted.indexOf("xml");
  if (json >= 0 && (xml < 0 || json < xml)) return "json";
  if (xml >= 0) return "xml";
  return (request.headers.get("content-type") ?? "").toLowerCase().startsWith("application/json") ? "json" : "xml";
}

import "server-only";
import { lookup as resolve } from "node:dns";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { systemCode } from "@/lib/errors";
import { refuseAddress } from "./addresses";

/** A receiver that works through a message first, and answers later, is built wrongly; every service of this kind says so. */
const ANSWER_MS = 10_000;
const BODY_BYTES_MAX = 256 * 1024;
const WORDS_MAX = 200;
const HEADER_BYTES_MAX = 16 * 1024;

export interface Receiver {
  readonly url: string;
  readonly isInside: boolean;
  readonly authorityPem: string;
}

/** What came of it; `status` null: there was no answer. */
export interface PostOutcome {
  readonly ok: boolean;
  readonly status: number | null;
  readonly words: string;
}

/**
 * Posts a signed message to a receiver, once, within ten seconds. Follows no redirect and reads no body. The address is looked at as it
 * is dialled, so that a name cannot mean another machine by then. Never throws.
 */
export function postMessage(
  receiver: Receiver,
  body: string,
  headers: Record<string, string>,
  answerMs = ANSWER_MS,
): Promise<PostOutcome> {
  if (Buffer.byteLength(body) > BODY_BYTES_MAX) return Promise.resolve(failed("The message is too large to be sent."));
  const url = new URL(receiver.url);
  const isPlain = url.protocol === "http:";
  if (isPlain && !receiver.isInside)
    return Promise.resolve(failed("Only receivers inside this network may speak plain HTTP."));
  const literal = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const refusal = isIP(literal) ? refuseAddress(literal, receiver.isInside) : null;
  if (refusal) return Promise.resolve(failed(refusal));
  return new Promise((settle) => {
    const sent = (isPlain ? requestHttp : requestHttps)(
      url,
      {
        method: "POST",
        agent: false,
        lookup: guardedLookup(receiver.isInside),
        ca: receiver.authorityPem || undefined,
        maxHeaderSize: HEADER_BYTES_MAX,
        headers: {
          ...headers,
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
          "user-agent": "Twincore",
        },
      },
      (response) => {
        settle(toOutcome(response.statusCode ?? 0, response.statusMessage ?? ""));
        // Its body is nobody's business here.
        sent.destroy();
      },
    );
    const late = setTimeout(() => sent.destroy(new Error(LATE)), answerMs);
    sent.on("error", (error) => settle(failed(wordsOf(error))));
    sent.on("close", () => clearTimeout(late));
    sent.end(body);
  });
}

const LATE = "It did not answer within ten seconds.";

function toOutcome(status: number, reason: string): PostOutcome {
  const said = `${status} ${reason}`.trim().slice(0, WORDS_MAX);
  if (status >= 200 && status < 300) return { ok: true, status, words: said };
  const hint =
    status >= 300 && status < 400
      ? ": it sends callers elsewhere, which is not followed. Give the address it means"
      : "";
  return { ok: false, status, words: `It answered ${said}${hint}.` };
}

const failed = (words: string): PostOutcome => ({ ok: false, status: null, words: words.slice(0, WORDS_MAX) });

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "Nothing listens at its address.",
  ECONNRESET: "It broke the connection off.",
  ENOTFOUND: "There is no machine of its name.",
  EAI_AGAIN: "Its name could not be looked up just now.",
  ETIMEDOUT: "Its address does not answer.",
  EHOSTUNREACH: "Its address cannot be reached.",
  ENETUNREACH: "Its network cannot be reached.",
  HPE_INVALID_CONSTANT: "What answers there does not speak HTTP.",
  CERT_HAS_EXPIRED: "Its certificate has expired.",
  ERR_TLS_CERT_ALTNAME_INVALID: "Its certificate is for another name.",
};

const UNTRUSTED = /SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|CERT_/;

function wordsOf(error: Error): string {
  const code = systemCode(error) ?? "";
  if (WORDS[code]) return WORDS[code];
  if (UNTRUSTED.test(code))
    return "Nobody whom this machine trusts vouches for its certificate. If it is your own, paste its authority into the channel.";
  return error.message || "It could not be asked.";
}

/** Looks a name up and refuses what must not be dialled; a name with any such address is refused as a whole. */
const guardedLookup =
  (isInside: boolean): LookupFunction =>
  (hostname, options, done) =>
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error) return done(error, "", 0);
      const refusal = found.map(({ address }) => refuseAddress(address, isInside)).find((reason) => reason !== null);
      const [first] = found;
      if (refusal || !first) return done(new Error(refusal ?? "There is no machine of its name."), "", 0);
      if (options.all) return done(null, found);
      done(null, first.address, first.family);
    });

import "server-only";
import { createTransport } from "nodemailer";
import type { EngineContext } from "@/lib/engine/context";
import { readSetting } from "@/lib/engine/settings";
import { unseal } from "@/lib/engine/trust";
import { conflict, invalidInput, TwincoreError } from "@/lib/errors";
import type { KeptMailSettings } from "./schemas";
import { SEALED_NAME } from "./settings";

/** A server that is there greets and answers within seconds; one that scans attachments may take longer with the message itself. */
const CONNECT_MS = 10_000;
const GREETING_MS = 10_000;
const SOCKET_MS = 30_000;
/** Nothing takes longer than this, whatever the server does: whoever holds a delivery may count on it. */
export const SEND_MS_MAX = 60_000;
const RECIPIENTS_MAX = 50;
/** What mail servers commonly take; a statement as PDF is a few hundred KiB. */
const ATTACHMENT_BYTES_MAX = 15 * 1024 * 1024;
const TEXT_CHARACTERS_MAX = 1_000_000;
const WORDS_MAX = 300;

export interface MailAttachment {
  readonly filename: string;
  readonly contentType: string;
  readonly content: Buffer;
}

export interface Mail {
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  readonly attachments?: readonly MailAttachment[];
  /** The same for the same message, so that one that was sent twice can be told as one. */
  readonly messageId?: string;
}

export interface SentMail {
  /** What the server said as it took the message. */
  readonly response: string;
  /** Recipients that it would not take, while it took others. */
  readonly refused: readonly string[];
}

type Server = NonNullable<KeptMailSettings>;

/**
 * Sends one mail by the server that is set up, within a minute; the server has taken it when this resolves. Throws conflict
 * (no-mail-server) when none is set up, invalid_input for a mail that is too large or that the server will never take, unavailable in the
 * server's own words for everything else. Never the password.
 */
export async function sendMail(ctx: EngineContext, mail: Mail): Promise<SentMail> {
  assertBounds(mail);
  const server = await readSetting(ctx.db.prisma, "mail");
  if (!server) throw conflict("This core has no mail server. Set it up on the settings page.", "no-mail-server");
  const transport = createTransport(optionsOf(ctx, server));
  const { to, subject, text, html, messageId } = mail;
  const attachments = mail.attachments?.map((attachment) => ({ ...attachment }));
  const from = { name: server.fromName, address: server.from };
  const headers = { "Auto-Submitted": "auto-generated" };
  const whole = { from, to: [...to], subject: oneLine(subject), text, html, attachments, messageId, headers };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("the server did not take it within a minute")), SEND_MS_MAX);
  });
  try {
    const sent = await Promise.race([transport.sendMail(whole), late]);
    return { response: brief(sent.response), refused: sent.rejected.map(String) };
  } catch (thrown) {
    throw toMailError(thrown, server);
  } finally {
    clearTimeout(timer);
    transport.close();
  }
}

function assertBounds({ to, text, html = "", attachments = [] }: Mail): void {
  if (to.length === 0 || to.length > RECIPIENTS_MAX)
    throw invalidInput(`A mail goes to one address at least and to ${RECIPIENTS_MAX} at most.`);
  const bytes = attachments.reduce((sum, { content }) => sum + content.byteLength, 0);
  if (bytes > ATTACHMENT_BYTES_MAX || text.length + html.length > TEXT_CHARACTERS_MAX)
    throw invalidInput("The mail is larger than mail servers take.");
}

function optionsOf(ctx: EngineContext, server: Server) {
  const { host, port, security, user, sealedPassword, authorityPem } = server;
  const pass = sealedPassword ? unseal(ctx.secret, SEALED_NAME, Buffer.from(sealedPassword, "base64")).toString() : "";
  return {
    host,
    port,
    secure: security === "tls",
    requireTLS: security === "starttls",
    ignoreTLS: security === "none",
    auth: user ? { user, pass } : undefined,
    tls: { rejectUnauthorized: true, minVersion: "TLSv1.2" as const, ca: authorityPem || undefined },
    connectionTimeout: CONNECT_MS,
    greetingTimeout: GREETING_MS,
    dnsTimeout: CONNECT_MS,
    socketTimeout: SOCKET_MS,
    // A mail is made of what its caller hands over, never of files or addresses that stand in it.
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: false,
  };
}

/** Codes of the library: https://nodemailer.com/errors. */
function toMailError(thrown: unknown, { host, port, authorityPem }: Server): TwincoreError {
  const { code, responseCode, response, message } = thrown as {
    code?: string;
    responseCode?: number;
    response?: string;
    message?: string;
  };
  const where = `The mail server ${host}:${port}`;
  const detail = code ?? "unknown";
  if (response && responseCode) {
    const said = `${where} refused: ${brief(response)}`;
    // 5xx about the envelope or the message: the same mail is refused every time. A refused sign-in is for people to correct.
    const isFinal = (code === "EENVELOPE" || code === "EMESSAGE") && responseCode >= 500;
    return isFinal ? invalidInput(said, detail) : new TwincoreError("unavailable", said, { detail });
  }
  const hint = /certificate|self-signed|altnames/i.test(message ?? "") && !authorityPem ? CERTIFICATE_HINT : "";
  const words = `${where} could not be used: ${brief(message ?? "no reason was given")}.${hint}`;
  return new TwincoreError("unavailable", words, { detail });
}

const CERTIFICATE_HINT = " If it is a server of your own, paste its certificate authority into the mail settings.";

const oneLine = (text: string) => text.replace(/\s+/g, " ").trim().slice(0, 250);
const brief = (text: string) => oneLine(text).replace(/\.$/, "").slice(0, WORDS_MAX);

import type { AddressInfo } from "node:net";
import PostalMime, { type Email } from "postal-mime";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { afterAll } from "vitest";
import type { Pki } from "./tls-server";

export interface ReceivedMail extends Email {
  /** Whom the envelope named. */
  readonly recipients: readonly string[];
  /** Who had signed in, and whether the connection was encrypted by then. */
  readonly user: string | null | undefined;
  readonly secure: boolean;
}

export interface MailServer {
  readonly port: number;
  /** Everything it took, in order. */
  readonly mails: ReceivedMail[];
  /** Every sign-in that was tried. */
  readonly signIns: { user: string | null | undefined; password: string | null | undefined; secure: boolean }[];
  /** Called before a message is taken; what it throws is the refusal. */
  beforeMail: (mail: ReceivedMail) => Promise<void> | void;
  /** Called for every recipient. */
  beforeRecipient: (address: string) => void;
}

/** A real SMTP server on loopback with STARTTLS and sign-in, until the test file is done. */
export async function startMailServer(
  pki: Pki,
  {
    user = "core",
    password = "correct horse",
    ...options
  }: { user?: string; password?: string } & SMTPServerOptions = {},
): Promise<MailServer> {
  const mails: ReceivedMail[] = [];
  const signIns: MailServer["signIns"] = [];
  const state: MailServer = { port: 0, mails, signIns, beforeMail: () => undefined, beforeRecipient: () => undefined };
  const server = new SMTPServer({
    ...pki.server,
    authOptional: false,
    allowInsecureAuth: true,
    logger: false,
    onAuth(auth, session, done) {
      signIns.push({ user: auth.username, password: auth.password, secure: session.secure });
      if (auth.username === user && auth.password === password) return done(null, { user });
      return done(new Error("535 these are not the words"));
    },
    onRcptTo(address, _session, done) {
      try {
        state.beforeRecipient(address.address);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
    async onData(stream, session, done) {
      try {
        const email = await PostalMime.parse(Buffer.concat(await stream.toArray()));
        const recipients = session.envelope.rcptTo.map(({ address }) => address);
        const mail = { ...email, recipients, user: session.user, secure: session.secure };
        await state.beforeMail(mail);
        mails.push(mail);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
    ...options,
  });
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return Object.assign(state, { port: (server.server.address() as AddressInfo).port });
}

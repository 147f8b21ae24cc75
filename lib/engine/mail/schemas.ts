import { z } from "zod";
import { Instant } from "@/lib/engine/schemas";

/** One address, as it stands after "To:" and nowhere near a header of its own. */
export const EmailAddress = z.email("Give an address like ada@example.com.").max(254);

/** starttls: begins in clear and must become TLS before anything is said · tls: from the first byte · none: never. */
export const MailSecurity = z.enum(["starttls", "tls", "none"]);
export type MailSecurity = z.infer<typeof MailSecurity>;

/** PEM certificates; empty: those that this machine trusts. */
export const AuthorityPem = z
  .string()
  .trim()
  .max(20_000)
  .refine((text) => text === "" || /^-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----$/.test(text), {
    message: "Paste the certificate of the authority, from -----BEGIN CERTIFICATE----- to the end.",
  });

const HostName = z
  .string()
  .trim()
  .min(1, "Give the name or the address of the mail server.")
  .max(253)
  .regex(/^[A-Za-z0-9._:-]+$/, "That is not the name of a server.");

const ServerShape = {
  host: HostName,
  port: z.coerce.number("Give a port.").int().min(1).max(65_535),
  security: MailSecurity,
  user: z.string().max(254).default(""),
  from: EmailAddress,
  /** The name that stands before the address. */
  fromName: z
    .string()
    .trim()
    .max(100)
    .regex(/^[^\r\n]*$/, "A name has one line.")
    .default("Twincore"),
  authorityPem: AuthorityPem.default(""),
};

/** How this core sends mail, as it is kept: the password sealed, in base64. null: nobody has set it up. */
export const KeptMailSettings = z
  .object({ ...ServerShape, sealedPassword: z.string().nullable(), verifiedAt: Instant.nullable() })
  .nullable()
  .default(null);
export type KeptMailSettings = z.output<typeof KeptMailSettings>;

/** The same for people: never the password. */
export const MailSettings = z.object({
  isSetUp: z.boolean(),
  host: z.string(),
  port: z.number().int(),
  security: MailSecurity,
  user: z.string(),
  hasPassword: z.boolean(),
  from: z.string(),
  fromName: z.string(),
  authorityPem: z.string(),
  /** When a test mail was taken by the server with these settings; null: never. */
  verifiedAt: Instant.nullable(),
});
export type MailSettings = z.infer<typeof MailSettings>;

export const SetMailSettingsInput = z.object({
  ...ServerShape,
  /** Absent: it stays as it is; null or empty: none. It is kept only for the same server and user. */
  password: z.string().max(1_024).nullish(),
});
export type SetMailSettingsInput = z.output<typeof SetMailSettingsInput>;

export const SendTestMailInput = z.object({ to: EmailAddress });
export type SendTestMailInput = z.infer<typeof SendTestMailInput>;

/** What really came of a test, in the words of whoever answered. */
export const TestOutcome = z.object({ ok: z.boolean(), words: z.string() });
export type TestOutcome = z.infer<typeof TestOutcome>;

import { MailSettings, SendTestMailInput, SetMailSettingsInput, TestOutcome } from "@/lib/engine/mail/schemas";
import { administrators, Nothing, row } from "./row";

export const mailContract = {
  getMailSettings: row({
    method: "GET",
    path: "/mail-settings",
    summary: "How this core sends mail; never the password.",
    area: "core",
    roles: administrators,
    input: Nothing,
    output: MailSettings,
  }),
  setMailSettings: row({
    method: "PUT",
    path: "/mail-settings",
    summary:
      "Set how this core sends mail. A password that is not given stays, unless the server or the user is another one.",
    area: "core",
    roles: administrators,
    input: SetMailSettingsInput,
    output: MailSettings,
  }),
  sendTestMail: row({
    method: "POST",
    path: "/mail-settings/test",
    summary: "Send a mail now, and hear what the server said.",
    area: "core",
    roles: administrators,
    input: SendTestMailInput,
    output: TestOutcome,
  }),
} as const;

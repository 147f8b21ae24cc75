export * from "./schemas";
export { type Mail, type MailAttachment, SEND_MS_MAX, type SentMail, sendMail } from "./send";
export { sendTestMail } from "./send-test";
export { getMailSettings, setMailSettings } from "./settings";

import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { readSetting } from "@/lib/engine/settings";
import { seal } from "@/lib/engine/trust";
import { KeptMailSettings, type MailSettings, type SetMailSettingsInput } from "./schemas";

/** What the sealed password is, so that it cannot be opened as anything else. */
export const SEALED_NAME = "mail-password";

const NOTHING: MailSettings = {
  isSetUp: false,
  host: "",
  port: 587,
  security: "starttls",
  user: "",
  hasPassword: false,
  from: "",
  fromName: "Twincore",
  authorityPem: "",
  verifiedAt: null,
};

/** How this core sends mail; never the password. */
export async function getMailSettings(ctx: EngineContext, _input: object): Promise<MailSettings> {
  const kept = await readSetting(ctx.db.prisma, "mail");
  if (!kept) return NOTHING;
  const { sealedPassword, ...shown } = kept;
  return { ...shown, isSetUp: true, hasPassword: sealedPassword !== null };
}

/**
 * Sets how this core sends mail. A password that is not given stays, but never for another server or user: whoever may change the
 * settings could else have it sent to a server of their own.
 */
export async function setMailSettings(ctx: EngineContext, input: SetMailSettingsInput): Promise<MailSettings> {
  const { password, ...server } = input;
  await withTransaction(ctx.db, async (tx) => {
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended('setting:mail', 0))`;
    const before = await readSetting(tx, "mail");
    const isSame =
      before?.host === server.host &&
      before.port === server.port &&
      before.security === server.security &&
      before.authorityPem === server.authorityPem &&
      before.user === server.user;
    const stays = password === undefined && isSame ? (before?.sealedPassword ?? null) : null;
    const sealedPassword = password ? sealPassword(ctx, password) : stays;
    const value = KeptMailSettings.parse({ ...server, sealedPassword, verifiedAt: null });
    if (value === null) throw new Error("settings that were given cannot be none");
    await tx.setting.upsert({ where: { name: "mail" }, create: { name: "mail", value }, update: { value } });
    const { host, port, security, user, from } = server;
    const secret = password === undefined ? (isSame ? "unchanged" : "none") : password ? "set" : "none";
    await writeAudit(tx, ctx, "setting.write", "mail", { host, port, security, user, from, password: secret });
    await emitEvent(tx, "setting", "mail");
  });
  return getMailSettings(ctx, {});
}

const sealPassword = (ctx: EngineContext, password: string) =>
  Buffer.from(seal(ctx.secret, SEALED_NAME, Buffer.from(password))).toString("base64");

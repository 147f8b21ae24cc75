import { randomUUID } from "node:crypto";
import { encode } from "next-auth/jwt";
import { expect, it } from "vitest";
import { authSecret, SIGN_IN_COOKIE } from "@/lib/auth/sign-in-cookie";
import { createAccount, createSignIn, setSignInRules } from "@/lib/engine/accounts";
import { PeerCore } from "@/tests/support/peer-core";

const HOST = "core.example:8443";
/** What somebody needs to set a second factor up, and to see who they are. */
const OPEN = ["beginSecondFactor", "confirmSecondFactor", "getMe", "getSecondFactor"];

it("who must have a second factor and has none is refused by every row but those that set one up", async () => {
  const core = await PeerCore.start("must-enrol");
  process.env.DATABASE_URL = core.db.url;
  process.env.TWINCORE_SECRET = core.secret.toString("hex");
  const { serveAdmin } = await import("@/lib/admin/serve");
  const { adminContract } = await import("@/lib/admin/contract");
  const account = {
    name: "A",
    email: "a@x.example",
    role: "administrator",
    password: "a long enough password",
  } as const;
  const { accountId } = await createAccount(core.ctx(), account);
  const { id } = await createSignIn(core.ctx(), { accountId, address: "192.0.2.1", userAgent: "test" });
  const token = await encode({ token: { signInId: id }, secret: authSecret(core.secret) });
  const headers = { host: HOST, origin: `https://${HOST}`, cookie: `${SIGN_IN_COOKIE}=${token}` };
  const isRefused = async (path: string, method: string): Promise<boolean> => {
    const url = `https://${HOST}/api/v1${path.replace(/\{\w+\}/g, () => randomUUID())}`;
    const body = method === "GET" || method === "DELETE" ? undefined : "{}";
    const answer = await serveAdmin(new Request(url, { method, body, headers }));
    return (await answer.text()).includes("second-factor-required");
  };
  const rows = Object.entries(adminContract).filter(([, { roles }]) => roles !== "anyone");
  expect(await isRefused("/overview", "GET")).toBe(false);
  await setSignInRules(core.ctx(), { secondFactorRoles: ["administrator"] });
  const answers = rows
    .filter(([, { roles }]) => roles !== "anyone" && roles.includes("administrator"))
    .map(async ([name, { path, method }]) => ((await isRefused(path, method)) ? [] : [name]));
  const open = (await Promise.all(answers)).flat();
  expect(open.sort()).toEqual(OPEN);
});

import { VENDOR_PASSWORD, type VendorCore } from "../../../support/vendor-core";

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a client of this API knows the shape of what it asked for; tests compare it.
  readonly body: any;
  readonly headers: Headers;
}

export const basic = (role = "administrator", password = VENDOR_PASSWORD) => ({
  authorization: `Basic ${Buffer.from(`${role}@example.com:${password}`).toString("base64")}`,
});

/** A client that signed in once and goes on with cookie and token, as PyPowerStore does: no Basic after the sign-in. */
export class StoreClient {
  private constructor(
    readonly core: VendorCore,
    readonly credentials: Record<string, string>,
  ) {}

  static async signIn(core: VendorCore, role = "administrator"): Promise<StoreClient> {
    const answer = await core.call("/api/rest/login_session", { headers: basic(role) });
    const cookie = (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    return new StoreClient(core, { cookie, "DELL-EMC-TOKEN": answer.headers.get("DELL-EMC-TOKEN") ?? "" });
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send("GET", path, undefined, headers);
  }

  post(path: string, body?: unknown): Promise<Answer> {
    return this.send("POST", path, body);
  }

  patch(path: string, body?: unknown): Promise<Answer> {
    return this.send("PATCH", path, body);
  }

  delete(path: string): Promise<Answer> {
    return this.send("DELETE", path);
  }

  async send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const sent = { "content-type": "application/json", "accept-language": "en-US", ...this.credentials, ...headers };
    return toAnswer(await this.core.call(`/api/rest/${path}`, { method, headers: sent, body }));
  }
}

export async function toAnswer(response: Response): Promise<Answer> {
  const text = await response.text();
  return { status: response.status, body: text === "" ? null : JSON.parse(text), headers: response.headers };
}

/** What every error of this API carries. */
export const errorOf = ({ status, body }: Answer) => [status, body?.messages?.[0]?.code, body?.messages?.[0]?.severity];

import { VENDOR_PASSWORD, type VendorCore } from "../../../support/vendor-core";

export interface Answered {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what a client reads out of JSON; the rows' own schemas are tested in every answer.
  body: any;
}

/** A client as the vendor's PowerShell tools are: JSON under a form's content type, the token in AuthToken. */
export class UnitrendsClient {
  private constructor(
    private readonly core: VendorCore,
    readonly token: string,
  ) {}

  static async signIn(core: VendorCore, role = "administrator"): Promise<UnitrendsClient> {
    const client = new UnitrendsClient(core, "");
    const { body } = await client.post("/api/login", { username: `${role}@example.com`, password: VENDOR_PASSWORD });
    return new UnitrendsClient(core, body.auth_token);
  }

  static anonymous(core: VendorCore, token = ""): UnitrendsClient {
    return new UnitrendsClient(core, token);
  }

  get = (path: string) => this.call("GET", path);
  post = (path: string, body: unknown = {}) => this.call("POST", path, body);
  put = (path: string, body: unknown = {}) => this.call("PUT", path, body);

  private async call(method: string, path: string, body?: unknown): Promise<Answered> {
    const answer = await this.core.call(path, {
      method,
      headers: { AuthToken: this.token, "content-type": "application/x-www-form-urlencoded" },
      body,
    });
    return { status: answer.status, body: await answer.json() };
  }
}

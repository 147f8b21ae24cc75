import { VENDOR_PASSWORD, VendorCore } from "@/tests/support/vendor-core";

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what a client of this API sees is what is looked at, whatever its shape.
  body: any;
}

/** A core with this API, and clients that are signed in. */
export class VeeamWorld {
  private constructor(
    readonly core: VendorCore,
    private readonly tokens: Map<string, string>,
  ) {}

  static async start(name: string): Promise<VeeamWorld> {
    const world = new VeeamWorld(await VendorCore.start(name), new Map());
    for (const role of ["administrator", "engineer", "reader"])
      world.tokens.set(role, (await world.signIn(role)).body.access_token);
    return world;
  }

  signIn(role: string, password = VENDOR_PASSWORD, version = "v5") {
    return this.grant({ grant_type: "password", username: `${role}@example.com`, password }, version);
  }

  grant(form: Record<string, string>, version = "v5"): Promise<Answer> {
    return this.send("POST", `/${version}/token`, new URLSearchParams(form).toString(), {
      "content-type": "application/x-www-form-urlencoded",
    });
  }

  token(role = "administrator"): string {
    return this.tokens.get(role) ?? "";
  }

  call(method: string, path: string, body?: unknown, role = "administrator"): Promise<Answer> {
    return this.send(method, path, body, { authorization: `Bearer ${this.token(role)}` });
  }

  async send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await this.core.call(path, { method, body, headers });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === "" ? null : JSON.parse(text) };
  }
}

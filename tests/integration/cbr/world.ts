import { createHash, createHmac } from "node:crypto";
import { homeTenantId } from "@/lib/engine/core/home-tenant";
import { VENDOR_PASSWORD, VendorCore } from "@/tests/support/vendor-core";

/** Answers as tests look at them. */
export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what a client of this API sees is what is looked at, whatever its shape.
  body: any;
}

/** A core with this API, and a client that is signed in to the home project. */
export class CbrWorld {
  private constructor(
    readonly core: VendorCore,
    /** The home tenant as this API writes it. */
    readonly project: string,
    readonly tenantId: string,
    private readonly tokens: Map<string, string>,
  ) {}

  static async start(name: string): Promise<CbrWorld> {
    return CbrWorld.around(await VendorCore.start(name));
  }

  static async around(core: VendorCore): Promise<CbrWorld> {
    const tenantId = await homeTenantId(core.peer.db.prisma);
    const world = new CbrWorld(core, tenantId.replaceAll("-", ""), tenantId, new Map());
    for (const role of ["administrator", "engineer", "reader"])
      world.tokens.set(role, (await world.signIn(role)).headers.get("x-subject-token") ?? "");
    return world;
  }

  signIn(role: string, scope: object | undefined = { project: { id: this.project } }, password = VENDOR_PASSWORD) {
    return this.send("POST", "/v3/auth/tokens", {
      auth: {
        identity: {
          methods: ["password"],
          password: { user: { name: `${role}@example.com`, password, domain: { name: "OTC" } } },
        },
        scope,
      },
    });
  }

  token(role = "administrator"): string {
    return this.tokens.get(role) ?? "";
  }

  /** A call below the project, by token. */
  call(method: string, path: string, body?: unknown, role = "administrator"): Promise<Answer> {
    return this.send(method, `/v3/${this.project}${path}`, body, { "x-auth-token": this.token(role) });
  }

  async send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await this.core.call(path, { method, body, headers });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === "" ? null : JSON.parse(text) };
  }
}

/** Signs as Huawei's SDK for Python does; written from its description, apart from the core's own check. */
export function sdkHeaders(
  key: { id: string; secret: string },
  {
    method,
    path,
    query = {},
    body = "",
    projectId = "",
    host = "core.test:4443",
    date,
  }: {
    method: string;
    path: string;
    query?: Record<string, string>;
    body?: string;
    projectId?: string;
    host?: string;
    date: Date;
  },
): Record<string, string> {
  const stamp = `${date.toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
  const headers: Record<string, string> = {
    "content-type": "application/json;charset=utf-8",
    host,
    "user-agent": "huaweicloud-usdk-python/3.0",
    ...(projectId ? { "x-project-id": projectId } : {}),
    "x-sdk-date": stamp,
  };
  const names = Object.keys(headers).sort();
  const quote = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const canonical = [
    method,
    `${path}/`,
    Object.keys(query)
      .sort()
      .map((name) => `${quote(name)}=${quote(query[name] ?? "")}`)
      .join("&"),
    ...names.map((name) => `${name}:${headers[name]}`),
    "",
    names.join(";"),
    createHash("sha256").update(body).digest("hex"),
  ].join("\n");
  const text = `SDK-HMAC-SHA256\n${stamp}\n${createHash("sha256").update(canonical).digest("hex")}`;
  const signature = createHmac("sha256", key.secret).update(text).digest("hex");
  return {
    ...headers,
    authorization: `SDK-HMAC-SHA256 Access=${key.id}, SignedHeaders=${names.join(";")}, Signature=${signature}`,
  };
}

import { createServer, type RequestListener, type Server } from "node:http";
import Provider from "oidc-provider";

export interface Person {
  email: string;
  email_verified: boolean;
  name: string;
  groups: string[];
}

/** A real OpenID Connect provider on loopback; whoever it knows signs in with any password. */
export class TestIdentityProvider {
  static readonly CLIENT_ID = "twincore";
  static readonly CLIENT_SECRET = "a secret that only the two of them know";
  private handler: RequestListener = (_request, response) => response.writeHead(503).end();
  readonly people = new Map<string, Person>();
  private constructor(private readonly server: Server) {}

  /** Listens, so that a core can be told its address; it answers once it knows the core. */
  static async listen(): Promise<TestIdentityProvider> {
    let provider: TestIdentityProvider | undefined;
    const server = createServer((request, response) => provider?.handler(request, response));
    provider = new TestIdentityProvider(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return provider;
  }

  get issuer(): string {
    const address = this.server.address();
    return `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  }

  /** Lets one core ask it who somebody is. */
  serve(coreUrl: string): void {
    const provider = new Provider(this.issuer, {
      clients: [
        {
          client_id: TestIdentityProvider.CLIENT_ID,
          client_secret: TestIdentityProvider.CLIENT_SECRET,
          redirect_uris: [`${coreUrl}/api/auth/callback/sso`],
          require_auth_time: true,
        },
      ],
      pkce: { required: () => true },
      claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "groups"] },
      cookies: { keys: ["only for this test"] },
      findAccount: (_context, id) => {
        const person = this.people.get(id);
        return person && { accountId: id, claims: () => ({ sub: id, ...person }) };
      },
    });
    this.handler = provider.callback();
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

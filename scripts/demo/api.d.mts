export interface ScriptClient {
  token: string | null;
  call(method: string, path: string, body?: unknown): Promise<unknown>;
  close(): void;
}
export function apiClient(runtime: { webUrl: string; caPem: string }, token?: string | null): ScriptClient;
export function becomeAdministrator(
  client: ScriptClient,
  setupUrl: string,
  account: { name: string; email: string; password: string },
): Promise<string>;
export function signInForToken(client: ScriptClient, account: { email: string; password: string }): Promise<string>;

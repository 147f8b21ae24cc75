import https from "node:https";

const TIMEOUT_MS = 60_000;
// A connection is let go before the core does it, after 75 s: a request on one that is just being closed would fail.
const KEPT_MS = 30_000;

/**
 * A client of one core's native API, as a script would write it. Knows the core by its CA, which its runtime file holds.
 * `token` may be set later. Errors carry the core's own message.
 */
export function apiClient(runtime, token = null) {
  const agent = new https.Agent({
    ca: runtime.caPem,
    keepAlive: true,
    timeout: KEPT_MS,
    checkServerIdentity: () => undefined,
  });
  const client = { token, webUrl: runtime.webUrl };
  client.request = (method, path, options = {}) => request(agent, runtime.webUrl, client.token, method, path, options);
  client.call = async (method, path, body) => {
    const answer = await client.request(method, `/api/v1${path}`, { json: body });
    const parsed = answer.text === "" ? {} : JSON.parse(answer.text);
    if (answer.status >= 400)
      throw new Error(`${method} ${path}: ${parsed.title ?? answer.text.slice(0, 200)} (${answer.status})`);
    return parsed;
  };
  client.close = () => agent.destroy();
  return client;
}

function request(agent, baseUrl, token, method, path, { json, form, headers = {} }) {
  const body =
    json !== undefined ? JSON.stringify(json) : form !== undefined ? new URLSearchParams(form).toString() : "";
  const type = json !== undefined ? "application/json" : "application/x-www-form-urlencoded";
  return new Promise((resolve, reject) => {
    const call = https.request(new URL(path, baseUrl), {
      agent,
      method,
      timeout: TIMEOUT_MS,
      headers: {
        ...(body === "" ? {} : { "content-type": type, "content-length": Buffer.byteLength(body) }),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...headers,
      },
    });
    call.on("response", (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString() }),
      );
      response.on("error", reject);
    });
    call.on("timeout", () => call.destroy(new Error(`${method} ${path}: no answer within ${TIMEOUT_MS / 1000} s`)));
    call.on("error", reject);
    call.end(body);
  });
}

/** Creates the first administrator through the one-time link, signs in as a browser does and makes a token for what follows. */
export async function becomeAdministrator(client, setupUrl, { name, email, password }) {
  const token = new URL(setupUrl).hash.slice(1);
  await client.call("POST", "/setup", { token, name, email, password });
  return signInForToken(client, { email, password });
}

/** Signs in with the dashboard's own form and makes an API token. Returns the token. */
export async function signInForToken(client, { email, password }) {
  const jar = new Map();
  const send = async (method, path, options = {}) => {
    const cookie = [...jar].map(([key, value]) => `${key}=${value}`).join("; ");
    const headers = { cookie, origin: new URL(client.webUrl).origin };
    const answer = await client.request(method, path, { ...options, headers });
    for (const line of answer.headers["set-cookie"] ?? []) {
      const [key, ...rest] = line.split(";")[0].split("=");
      jar.set(key, rest.join("="));
    }
    return answer;
  };
  const { csrfToken } = JSON.parse((await send("GET", "/api/auth/csrf")).text);
  const form = { csrfToken, email, password, json: "true", callbackUrl: client.webUrl };
  const answer = await send("POST", "/api/auth/callback/credentials", { form });
  if (answer.status >= 400) throw new Error(`sign-in as ${email} was refused (${answer.status})`);
  // Nobody sits before it when it approves a pairing or fails an agent over.
  const scopes = ["*:read", "*:write", "protected"];
  const made = await send("POST", "/api/v1/tokens", { json: { name: "demo", expiresInDays: 30, scopes } });
  if (made.status >= 400) throw new Error(`no token for ${email}: ${made.text.slice(0, 200)}`);
  return JSON.parse(made.text).token;
}

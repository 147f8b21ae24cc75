import { Agent, type RequestOptions, request } from "node:https";
import type { z } from "zod";
import { type AnyOperation, PEER_PREFIX } from "@/lib/peer/operation";
import { operations } from "@/lib/peer/operations";
import { toWire } from "@/lib/peer/wire";
import { parseXml } from "@/lib/peer/xml/parse";
import { fromXml } from "@/lib/peer/xml/read";
import { shapeOf } from "@/lib/peer/xml/shape";
import { toXml } from "@/lib/peer/xml/write";

export type WireFormat = "xml" | "json";

export interface WireIdentity {
  /** PEM of the certificate shown in the TLS handshake, and of its key. */
  readonly cert?: string;
  readonly key?: string;
  readonly authorization?: string;
}

export interface WireAnswer {
  readonly status: number;
  readonly reason: string;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly bytes: Buffer;
  /** Parsed by the row: undefined for void and raw answers, and for refusals. */
  // biome-ignore lint/suspicious/noExplicitAny: the row's own schema has parsed it; tests look at members they know.
  readonly value: any;
}

export const rowOf = (name: string): AnyOperation => {
  const row = operations.find((each) => each.name === name);
  if (!row) throw new Error(`the table has no row ${name}`);
  return row;
};

/** A client of the peer protocol as somebody else would write it: HTTPS, XML or JSON, and nothing of our own client. */
export class WireClient {
  constructor(
    readonly url: string,
    readonly format: WireFormat,
    readonly identity: WireIdentity = {},
  ) {}

  as(identity: WireIdentity): WireClient {
    return new WireClient(this.url, this.format, identity);
  }

  /** Calls a row with a right input; the answer is checked against the row. */
  async call(name: string, input: Record<string, unknown> = {}, stream?: Uint8Array): Promise<WireAnswer> {
    const row = rowOf(name);
    const wire = toWire(row, input, PEER_PREFIX);
    const members = wire.json === null ? null : (JSON.parse(wire.json) as Record<string, unknown>);
    const body = members ? this.encode(row, members) : stream;
    const answer = await this.send(wire.method, wire.path, body);
    if (answer.status >= 400) return answer;
    return { ...answer, value: this.decode(row, answer) };
  }

  /** Anything at all, also what no row would take. */
  send(
    method: string,
    path: string,
    body?: Uint8Array | string,
    more: Record<string, string> = {},
  ): Promise<WireAnswer> {
    // As the published client does, XML comes without a Content-Type.
    const headers: Record<string, string> = this.format === "json" ? { accept: "application/json" } : {};
    if (this.format === "json" && typeof body === "string") headers["content-type"] = "application/json";
    if (this.identity.authorization) headers.authorization = this.identity.authorization;
    if (body !== undefined) headers["content-length"] = String(Buffer.byteLength(body));
    const { cert, key } = this.identity;
    const options = { method, headers: { ...headers, ...more }, cert, key, rejectUnauthorized: false };
    return exchange(`${this.url}${path}`, { ...options, agent: new Agent({ maxCachedSessions: 0 }) }, body);
  }

  encode(row: AnyOperation, members: Record<string, unknown>): string {
    if (this.format === "json") return JSON.stringify(members);
    return toXml(row.inputRoots?.[0] ?? "no-root-in-the-table", members, shapeOf(row.input));
  }

  private decode(row: AnyOperation, { bytes }: WireAnswer): unknown {
    if (row.output === null || row.answer !== "json") return undefined;
    const output = row.output as z.ZodType;
    if (this.format === "json") return output.parse(JSON.parse(bytes.toString()));
    if (!row.xmlRoot) return bytes.length === 0 ? undefined : bytes;
    const root = parseXml(bytes.toString());
    if (root.name !== row.xmlRoot) throw new Error(`${row.name} answered <${root.name}>, not <${row.xmlRoot}>`);
    return output.parse(fromXml(root, shapeOf(output)));
  }
}

function exchange(url: string, options: RequestOptions, body?: Uint8Array | string): Promise<WireAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          reason: response.statusMessage ?? "",
          headers: response.headers,
          bytes: Buffer.concat(chunks),
          value: undefined,
        }),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

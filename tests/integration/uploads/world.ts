import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll } from "vitest";
import { loadCredentials } from "@/lib/engine/pairing/credentials";
import { createRepository } from "@/lib/engine/repositories";
import type { PeerClient } from "@/lib/peer/client";
import { connectPeer } from "@/lib/peer/connect";
import { PEER_PREFIX } from "@/lib/peer/operation";
import { getExchangeVersions, getFileInfoForExchangeDll } from "@/lib/peer/operations/exchange";
import {
  cancelUploadFile,
  continueUploadFile,
  endUploadFile,
  startNewUploadSession,
} from "@/lib/peer/operations/uploads";
import { pairCores } from "../../support/pair";
import { PeerCore } from "../../support/peer-core";

export const md5 = (bytes: Uint8Array): string => createHash("md5").update(bytes).digest("hex");
export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

export async function* stream(...pieces: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

/** Two cores that people paired, with real repositories, and a client that speaks as the source. */
export class UploadWorld {
  private constructor(
    readonly folder: string,
    readonly source: PeerCore,
    readonly target: PeerCore,
    readonly ids: { sourceId: string; targetId: string },
    readonly client: PeerClient,
    readonly sender: Sender,
  ) {}

  static async start(): Promise<UploadWorld> {
    const folder = mkdtempSync(path.join(tmpdir(), "twincore-uploads-"));
    const source = await PeerCore.start("Harbour");
    const target = await PeerCore.start("Vault");
    const ids = await pairCores(source, target);
    for (const core of [source, target]) {
      const at = path.join(folder, core.name);
      const repository = await createRepository(core.ctx(), { name: `real ${core.name}`, path: at });
      await core.db.prisma.agent.updateMany({ data: { repositoryId: repository.id } });
    }
    const client = await connectPeer(source.ctx(), ids.sourceId);
    afterAll(() => {
      client.close();
      rmSync(folder, { recursive: true, force: true });
    });
    return new UploadWorld(folder, source, target, ids, client, new Sender(client));
  }

  /** Names of the objects below a folder of the target's repository. */
  stored(below: "uploads" | "files"): string[] {
    try {
      return readdirSync(path.join(this.folder, "Vault", below)).sort();
    } catch {
      return [];
    }
  }

  /** As a client that speaks XML, over the same kind of connection: status and text of the answer. */
  async xml(
    method: string,
    address: string,
    body: string | Uint8Array = "",
  ): Promise<{ status: number; text: string }> {
    const { key, cert, ca } = await loadCredentials(this.source.ctx(), this.ids.sourceId);
    const options = { method, key, cert, ca, checkServerIdentity: () => undefined, agent: false };
    return new Promise((resolve, reject) => {
      const sent = request(`${this.target.url}${PEER_PREFIX}/${address}`, options, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (part: string) => {
          text += part;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      });
      sent.on("error", reject);
      sent.end(body);
    });
  }

  /** Another core, paired with the same target. */
  async stranger(): Promise<Sender> {
    const other = await PeerCore.start("Reef");
    const { sourceId, targetId } = await pairCores(other, this.target);
    const mine = await this.target.db.prisma.agent.findFirstOrThrow({ where: { pairingId: this.ids.targetId } });
    await this.target.db.prisma.agent.updateMany({
      where: { pairingId: targetId },
      data: { repositoryId: mine.repositoryId },
    });
    const client = await connectPeer(other.ctx(), sourceId);
    afterAll(() => client.close());
    return new Sender(client);
  }
}

/** The operations of an upload, as a source calls them. */
export class Sender {
  constructor(readonly client: PeerClient) {}

  start(
    fileName: string,
    bytes: Uint8Array,
    more: { version?: "Exchange2010"; md5Hash?: string; fileSize?: number } = {},
  ) {
    const input = { fileName, fileSize: bytes.length, md5Hash: md5(bytes), ...more };
    return this.client.call(startNewUploadSession, input).then((answer) => answer.uploadSessionId);
  }

  send(uploadSessionId: string, bytes: Uint8Array, more: { offset?: number; dataSize?: number } = {}) {
    return this.client.send(continueUploadFile, { uploadSessionId, dataSize: bytes.length, ...more }, stream(bytes));
  }

  end(uploadSessionId: string) {
    return this.client.call(endUploadFile, { uploadSessionId });
  }

  cancel(uploadSessionId: string, commit?: string) {
    return this.client.call(cancelUploadFile, { uploadSessionId, commit });
  }

  /** A whole file in one piece. */
  async file(fileName: string, bytes: Uint8Array, version?: "Exchange2010"): Promise<string> {
    const id = await this.start(fileName, bytes, { version });
    await this.send(id, bytes);
    await this.end(id);
    return id;
  }

  versions() {
    return this.client.call(getExchangeVersions, {}).then((answer) => answer.exchangeServerVersions);
  }

  info(fileName: string, exchangeServerVersion: "Exchange2007" | "Exchange2010") {
    return this.client.call(getFileInfoForExchangeDll, { fileName, exchangeServerVersion });
  }
}

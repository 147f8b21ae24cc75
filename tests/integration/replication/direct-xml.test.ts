import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, it } from "vitest";
import { loadCredentials } from "@/lib/engine/pairing/credentials";
import { runReplication } from "@/lib/engine/replication";
import type { TransferPreference } from "@/lib/engine/replication/choose-mode";
import { createRepository } from "@/lib/engine/repositories";
import { connectTarget } from "@/lib/jobs/connect-target";
import { PEER_PREFIX } from "@/lib/peer/operation";
import { pairCores } from "../../support/pair";
import { PeerCore } from "../../support/peer-core";
import { captureBytes, noise } from "./records";

const RECORD = 16 * 1024;
const folder = mkdtempSync(path.join(tmpdir(), "twincore-direct-xml-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** As a client of the original asks: XML and nothing said of it. */
function ask(
  credentials: { url: string; key: string; cert: string; ca: string },
  method: string,
  address: string,
  xml = "",
) {
  const { key, cert, ca } = credentials;
  return new Promise<Answer>((resolve, reject) => {
    const asked = request(
      new URL(PEER_PREFIX + address, credentials.url),
      { method, key, cert, ca: [ca], checkServerIdentity: () => undefined },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, type: response.headers["content-type"] ?? "", text }),
        );
      },
    );
    asked.on("error", reject).end(xml);
  });
}

it("a direct session is told of, and takes its snapshot ids, in the contract's XML", async () => {
  const [source, target] = [await PeerCore.start("Harbour"), await PeerCore.start("Vault")];
  const { sourceId } = await pairCores(source, target);
  for (const core of [source, target]) {
    const repository = await createRepository(core.ctx(), { name: "real", path: path.join(folder, core.name) });
    await core.db.prisma.agent.updateMany({ data: { repositoryId: repository.id } });
  }
  const session = await source.db.prisma.replicationSession.findFirstOrThrow({ where: { pairingId: sourceId } });
  const { agentId } = session;
  const volume = await source.db.prisma.volume.create({ data: { agentId, name: "disk", kind: "image", path: "/x" } });
  const capture = (bytes: Buffer) =>
    captureBytes(source.ctx(), agentId, [{ volumeId: volume.id, name: "disk", bytes }]);
  const ctx = source.ctx({ kind: "job", name: "run-replication" });
  const credentials = await loadCredentials(ctx, sourceId);
  const answers: Record<string, Answer> = {};
  let ids = { baseScid: 0, scid: 0 };
  const run = (preference: TransferPreference) =>
    runReplication(ctx, {
      sessionId: session.id,
      owner: randomUUID(),
      signal: new AbortController().signal,
      preference,
      connect: async (pairingId, hooks) => {
        const core = await connectTarget(ctx)(pairingId, hooks);
        return {
          ...core,
          sendScid: async (input) => {
            const at = `${input.agentId}/${input.jobId}/${input.sessionId}`;
            ids = input;
            answers.file = await ask(credentials, "GET", `/slave/agents/${at}/fileinfo`);
            answers.connection = await ask(credentials, "GET", `/slave/agents/${at}/connection/`);
            const xml = `<?xml version="1.0" encoding="utf-8"?><remoteSnapshotFileScidInfo xmlns="http://apprecovery.com/management/api/2010/05"><scid>${input.scid}</scid><baseScid>${input.baseScid}</baseScid></remoteSnapshotFileScidInfo>`;
            answers.scid = await ask(credentials, "POST", `/directreplication/slave/${at}`, xml);
            answers.wrong = await ask(credentials, "POST", `/directreplication/slave/${at}`, "<scid>7</scid>");
          },
        };
      },
    });
  const disk = noise("disk", 40 * RECORD);
  await capture(disk);
  await run("auto");
  const next = Buffer.from(disk);
  noise("next", RECORD).copy(next, 7 * RECORD);
  await capture(next);
  await run("direct");
  // The ids that came by XML were enough: the run went that way to its end.
  expect(await source.db.prisma.run.findFirst({ orderBy: { createdAt: "desc" } })).toMatchObject({
    state: "succeeded",
    mode: "direct",
  });
  expect(answers.scid).toMatchObject({ status: 200, text: "" });
  expect(answers.wrong?.status).toBe(400);
  expect(answers.file?.type).toContain("xml");
  expect(answers.file?.text).toMatch(/<o3ERemoteSnapshotFileInfo[^>]*>.*<scid>\d+<\/scid>.*<volumeId>/s);
  expect(answers.file?.text).toContain(`<scid>${ids.baseScid}</scid>`);
  expect(answers.file?.text).not.toContain(folder);
  expect(answers.connection?.text).toMatch(/<o3ERemoteConnectionDescription/);
  expect(answers.connection?.text).not.toContain(folder);
});

import "server-only";
import { z } from "zod";
import { openCoreFileDownload } from "@/lib/engine/core-files";
import { receiveOutgoingFile } from "@/lib/engine/outgoing-files";
import { ReceiveFileInput } from "@/lib/engine/outgoing-files/schemas";
import { Id } from "@/lib/engine/schemas";
import { bodyOf } from "@/lib/http/body";
import { administrators, operators } from "@/lib/http/row";
import type { Rights } from "./authenticate";
import { noteRead, serveStream } from "./serve";
import { toDownload } from "./streams";

type Context<P> = { params: Promise<P> };

const DOWNLOADERS: Rights = { method: "GET", area: "replication", roles: administrators };
const SENDERS: Rights = { method: "PUT", area: "replication", roles: operators };

const Length = z.coerce.number().int().nonnegative().nullable().catch(null);

/** GET /api/v1/core-files/{id}/content — a file that a source sent. */
export function downloadCoreFile(request: Request, context: Context<{ fileId: string }>): Promise<Response> {
  return serveStream(request, "downloadCoreFile", DOWNLOADERS, async (caller) => {
    const id = Id.parse((await context.params).fileId);
    const download = await openCoreFileDownload(caller.ctx, { id });
    const { fileName } = download;
    await noteRead(caller, request, { action: "core-file.download", subject: id, detail: { fileName } });
    return toDownload(request, download);
  });
}

/** PUT /api/v1/pairings/{id}/files?name=…&version=… — the body is queued for the target of the pairing. */
export function sendFileToTarget(request: Request, context: Context<{ pairingId: string }>): Promise<Response> {
  return serveStream(request, "sendFileToTarget", SENDERS, async ({ ctx }) => {
    const query = Object.fromEntries(new URL(request.url).searchParams);
    const input = ReceiveFileInput.parse({ ...query, ...(await context.params) });
    const sizeBytes = Length.parse(request.headers.get("content-length") ?? null);
    const announced = { sizeBytes, signal: request.signal };
    const report = await receiveOutgoingFile(ctx, { ...input, ...announced }, bodyOf(request));
    return Response.json(report, { status: 202, headers: { "x-request-id": ctx.requestId ?? "" } });
  });
}

import "server-only";
import { z } from "zod";
import type { Me } from "@/lib/engine/accounts/schemas";
import { captureStream } from "@/lib/engine/capture";
import { type Download, openDownload, openFileDownload } from "@/lib/engine/restore";
import { Id } from "@/lib/engine/schemas";
import { toTwincoreError } from "@/lib/errors";
import { bodyOf, toBody } from "@/lib/http/body";
import { requestIdOf } from "@/lib/http/request-id";
import { everyone, operators } from "@/lib/http/row";
import { authenticate, type Rights } from "./authenticate";
import { eventStream, type Standing } from "./event-stream";
import { noteRead, serveStream } from "./serve";

type Context<P> = { params: Promise<P> };

const FOLLOWERS: Rights = { method: "GET", area: "core", roles: everyone, reach: "tenant" };
const CAPTURERS: Rights = { method: "PUT", area: "protection", roles: operators, reach: "tenant" };
const DOWNLOADERS: Rights = { method: "GET", area: "protection", roles: operators, reach: "tenant" };

/** GET /api/v1/events — what changes, as server-sent events; `Last-Event-ID` replays what was missed. */
export function followEvents(request: Request): Promise<Response> {
  return serveStream(request, "followEvents", FOLLOWERS, async ({ ctx, account }) => {
    const standing = () => standingOf(request, account);
    const body = eventStream(ctx.db, request.headers.get("last-event-id"), standing);
    return new Response(body, {
      headers: {
        "content-type": "text/event-stream",
        "cache-control": "no-store, no-transform",
        "x-accel-buffering": "no",
      },
    });
  });
}

/** Is who opened the stream still who it was, with the same rights? Its database shows what it could see then. */
async function standingOf(request: Request, before: Me): Promise<Standing> {
  try {
    const { account } = await authenticate(request, requestIdOf(request), FOLLOWERS);
    const rights = ({ role, tenantIds }: Me) => JSON.stringify([role, tenantIds?.toSorted()]);
    return rights(account) === rights(before) ? "same" : "changed";
  } catch (thrown) {
    return toTwincoreError(thrown).code === "unauthenticated" ? "signed-out" : "changed";
  }
}

const CaptureQuery = z.object({ volume: z.string().trim().min(1).max(120).default("stream") });

/** PUT /api/v1/agents/{id}/captures?volume=name — the body becomes a recovery point; a client that goes away leaves none. */
export function receiveCapture(request: Request, context: Context<{ agentId: string }>): Promise<Response> {
  return serveStream(request, "receiveCapture", CAPTURERS, async ({ ctx }) => {
    const agentId = Id.parse((await context.params).agentId);
    const { volume } = CaptureQuery.parse(Object.fromEntries(new URL(request.url).searchParams));
    const task = await captureStream(ctx, { agentId, volumeName: volume, signal: request.signal }, bodyOf(request));
    return Response.json(task, { status: 201, headers: { "x-request-id": ctx.requestId ?? "" } });
  });
}

type ImagePath = { recoveryPointId: string; imageId: string };
const ImagePath = z.object({ recoveryPointId: Id, imageId: Id });

/** GET …/images/{id}/content — the whole image: raw bytes (with Range), or a tar of a folder image. */
export function downloadImage(request: Request, context: Context<ImagePath>): Promise<Response> {
  return serveStream(request, "downloadImage", DOWNLOADERS, async (caller) => {
    const input = { ...ImagePath.parse(await context.params), range: request.headers.get("range") ?? undefined };
    const download = await openDownload(caller.ctx, input);
    const { recoveryPointId: subject, imageId } = input;
    await noteRead(caller, request, { action: "image.download", subject, detail: { imageId } });
    return toDownload(request, download);
  });
}

const FileQuery = z.object({ path: z.string().min(1).max(8192) });

/** GET …/images/{id}/file?path=<base64url> — one file of a folder image, with Range. */
export function downloadFile(request: Request, context: Context<ImagePath>): Promise<Response> {
  return serveStream(request, "downloadFile", DOWNLOADERS, async (caller) => {
    const { path } = FileQuery.parse(Object.fromEntries(new URL(request.url).searchParams));
    const input = { ...ImagePath.parse(await context.params), path, range: request.headers.get("range") ?? undefined };
    const download = await openFileDownload(caller.ctx, input);
    const { recoveryPointId: subject, imageId } = input;
    const detail = {
      imageId,
      path: Buffer.from(path, "base64url").toString("utf8").replaceAll("\0", "").slice(0, 1000),
    };
    await noteRead(caller, request, { action: "image.download-file", subject, detail });
    return toDownload(request, download);
  });
}

/** A download as an HTTP answer; bytes that are a part of it as a 206. */
export function toDownload(request: Request, download: Download): Response {
  const partial = download.start > 0 || download.end < download.totalBytes;
  const headers = new Headers({
    "content-type": download.contentType,
    // Becomes Content-Length in the listener; Next would drop that name.
    "x-twincore-body-length": String(download.end - download.start),
    "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(download.fileName)}`,
    "cache-control": "no-store, no-transform",
    "x-content-type-options": "nosniff",
  });
  if (download.acceptsRanges) headers.set("accept-ranges", "bytes");
  if (partial) headers.set("content-range", `bytes ${download.start}-${download.end - 1}/${download.totalBytes}`);
  const body = request.method === "HEAD" ? null : toBody(download.body);
  return new Response(body, { status: partial ? 206 : 200, headers });
}

import "server-only";
import { ExportKeysInput, exportKeys } from "@/lib/engine/keys";
import { readJson, toBody } from "@/lib/http/body";
import { administrators } from "@/lib/http/row";
import type { Rights } from "./authenticate";
import { serveStream } from "./serve";

/** A passphrase and nothing else. */
const BODY_BYTES_MAX = 4096;
const EXPORTERS: Rights = { method: "POST", area: "core", roles: administrators };

/** POST /api/v1/core/keys/export — every private key of this core, encrypted with the passphrase of the body. Never by an address: those are logged. */
export function downloadKeys(request: Request): Promise<Response> {
  return serveStream(request, "downloadKeys", EXPORTERS, async ({ ctx }) => {
    const { fileName, body } = await exportKeys(ctx, ExportKeysInput.parse(await readJson(request, BODY_BYTES_MAX)));
    const headers = {
      "content-type": "application/octet-stream",
      "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(fileName)}`,
      "cache-control": "no-store, no-transform",
      "x-content-type-options": "nosniff",
    };
    return new Response(toBody(body), { headers });
  });
}

import "server-only";
import { z } from "zod";
import { serveStream } from "@/lib/admin/serve";
import { VERSION } from "@/lib/engine/core/version";
import { everyone } from "@/lib/http/row";
import { openApiOf } from "./document";
import { SURFACES, surfaceOf } from "./surfaces";

/** GET /api/v1/openapi/{native|peer} — the OpenAPI 3.1 document of an API, made from the table that serves it. */
export function serveOpenApi(request: Request, context: { params: Promise<{ surface: string }> }): Promise<Response> {
  return serveStream(
    request,
    "readReference",
    { method: "GET", area: "core", roles: everyone, reach: "own" },
    async () => {
      const { surface } = z.object({ surface: z.enum(SURFACES) }).parse(await context.params);
      return Response.json(openApiOf(surfaceOf(surface, VERSION)), { headers: { "cache-control": "no-store" } });
    },
  );
}

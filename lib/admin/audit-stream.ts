import "server-only";
import { exportAudit } from "@/lib/engine/audit";
import { ExportAuditInput } from "@/lib/engine/audit/schemas";
import { toBody } from "@/lib/http/body";
import { administrators } from "@/lib/http/row";
import type { Rights } from "./authenticate";
import { serveStream } from "./serve";

const READERS: Rights = { method: "GET", area: "people", roles: administrators };

const CONTENT_TYPES = { csv: "text/csv; charset=utf-8", jsonl: "application/jsonl; charset=utf-8" } as const;

/** GET /api/v1/audit/export?format=csv|jsonl&… — the entries that a search finds, however many. */
export function downloadAudit(request: Request): Promise<Response> {
  return serveStream(request, "downloadAudit", READERS, async ({ ctx }) => {
    const input = ExportAuditInput.parse(Object.fromEntries(new URL(request.url).searchParams));
    const day = ctx.now().toISOString().slice(0, 10);
    const headers = {
      "content-type": CONTENT_TYPES[input.format],
      "content-disposition": `attachment; filename="audit-${day}.${input.format}"`,
      "cache-control": "no-store, no-transform",
      "x-content-type-options": "nosniff",
    };
    return new Response(toBody(await exportAudit(ctx, input)), { headers });
  });
}

import "server-only";
import { Id } from "@/lib/engine/schemas";
import { exportStatement, type RenderedStatement } from "@/lib/engine/statement-forms";
import { ExportStatementInput } from "@/lib/engine/statement-forms/schemas";
import { exportUsage } from "@/lib/engine/usage-export";
import { ExportUsageInput } from "@/lib/engine/usage-export/schemas";
import { toBody } from "@/lib/http/body";
import { billers, everyone } from "@/lib/http/row";
import type { Rights } from "./authenticate";
import { serveStream } from "./serve";

type Context<P> = { params: Promise<P> };

const BILLERS: Rights = { method: "GET", area: "usage", roles: billers, reach: "tenant" };
const READERS: Rights = { method: "GET", area: "usage", roles: everyone, reach: "tenant" };

/** GET /api/v1/statements/{id}/download?form=summary|days|usage&format=csv|json|pdf — a statement on its way to a customer or a program. */
export function downloadStatement(request: Request, context: Context<{ statementId: string }>): Promise<Response> {
  return serveStream(request, "downloadStatement", BILLERS, async ({ ctx }) => {
    const query = Object.fromEntries(new URL(request.url).searchParams);
    const id = Id.parse((await context.params).statementId);
    return toAnswer(await exportStatement(ctx, ExportStatementInput.parse({ ...query, id })));
  });
}

/** GET /api/v1/usage/export?from=…&to=…&tenantId=…&agentId=… — the days of agents, as CSV. */
export function downloadUsage(request: Request): Promise<Response> {
  return serveStream(request, "downloadUsage", READERS, async ({ ctx }) => {
    const query = Object.fromEntries(new URL(request.url).searchParams);
    return toAnswer(await exportUsage(ctx, ExportUsageInput.parse(query)));
  });
}

/** Its length is known at its end only, so the answer comes in chunks; one that breaks off is seen to. */
const toAnswer = ({ fileName, contentType, body }: RenderedStatement): Response =>
  new Response(toBody(body), {
    headers: {
      "content-type": contentType,
      "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(fileName)}`,
      "cache-control": "no-store, no-transform",
      "x-content-type-options": "nosniff",
    },
  });

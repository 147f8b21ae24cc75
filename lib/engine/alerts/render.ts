import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import type { Rendered, RenderedMessage, Renderer } from "@/lib/engine/deliveries/render";
import { formatNumberOf } from "@/lib/format";
import type { Alert as AlertRow, Delivery as DeliveryRow } from "@/prisma/generated/client";
import { toAlert } from "./convert";
import type { Alert } from "./schemas";

/** Spelt out in one mail; more are counted. */
const SPELT_MAX = 50;
const RANK = { critical: 0, warning: 1, info: 2 } as const;

/** Alerts as messages: one for each by webhook, all that are due in one mail. */
export const alertRenderer: Renderer = { render };

async function render(ctx: EngineContext, deliveries: readonly DeliveryRow[]): Promise<Rendered> {
  const ids = deliveries.flatMap(({ subjectId }) => subjectId ?? []);
  const [rows, core, unsaid] = await Promise.all([
    ctx.db.prisma.alert.findMany({ where: { id: { in: ids } } }),
    ctx.db.prisma.core.findFirstOrThrow(),
    findUnsaid(ctx, deliveries),
  ]);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const skipped = new Map<string, string>();
  const said: Said[] = [];
  for (const delivery of deliveries) {
    const row = byId.get(delivery.subjectId ?? "");
    const reason = row ? reasonToSkip(delivery, row, unsaid) : "The alert is not kept any more.";
    if (reason) skipped.set(delivery.id, reason);
    else if (row) said.push({ delivery, alert: toAlert(row) });
  }
  return { message: said.length > 0 ? toMessage(core, said) : null, skipped };
}

interface Said {
  readonly delivery: DeliveryRow;
  readonly alert: Alert;
}

/** What was held back is told only while it is still open; what was tried once may have arrived, and is told to its end. */
function reasonToSkip(
  { event, attempts, subjectId }: DeliveryRow,
  row: AlertRow,
  unsaid: ReadonlySet<string>,
): string | null {
  if (event === "cleared") return unsaid.has(subjectId ?? "") ? "Nobody was told that it had been raised." : null;
  if (attempts > 1) return null;
  if (row.clearedAt) return "It was over before it was told.";
  return row.acknowledgedAt ? "Somebody saw to it before it was told." : null;
}

/** Alerts whose raising this channel was spared in the end. */
async function findUnsaid(ctx: EngineContext, deliveries: readonly DeliveryRow[]): Promise<ReadonlySet<string>> {
  const cleared = deliveries.filter(({ event }) => event === "cleared");
  const channelId = cleared[0]?.channelId;
  if (!channelId) return new Set();
  const ids = cleared.flatMap(({ subjectId }) => subjectId ?? []);
  const said = await ctx.db.prisma.delivery.findMany({
    where: { purpose: "alert", event: "raised", channelId, subjectId: { in: ids }, state: { not: "skipped" } },
    select: { subjectId: true },
  });
  const known = new Set(said.map(({ subjectId }) => subjectId));
  return new Set(ids.filter((id) => !known.has(id)));
}

function toMessage(core: { id: string; name: string }, said: readonly Said[]): RenderedMessage | null {
  const [first] = said;
  if (!first) return null;
  const { delivery, alert } = first;
  const webhook = {
    type: `alert.${delivery.event}`,
    timestamp: (delivery.event === "cleared" ? alert.clearedAt : null) ?? alert.raisedAt,
    data: { core: { id: core.id, name: core.name }, alert },
  };
  return { mail: toMail(core.name, said), webhook };
}

function toMail(coreName: string, said: readonly Said[]): RenderedMessage["mail"] {
  const raised = said
    .filter(({ delivery }) => delivery.event === "raised")
    .toSorted((a, b) => RANK[a.alert.severity] - RANK[b.alert.severity]);
  const cleared = said.filter(({ delivery }) => delivery.event === "cleared");
  const spelt = [...raised, ...cleared].slice(0, SPELT_MAX);
  const more = said.length - spelt.length;
  const rest = more > 0 ? `and ${more} more, which the page “Alerts” of ${coreName} lists.` : "";
  const text = [...spelt.map(toText), rest, `All of them are on the page “Alerts” of ${coreName}.`]
    .filter(Boolean)
    .join("\n\n");
  const html = `<div style="font:14px/1.45 sans-serif;max-width:40em">${[
    ...spelt.map(toHtml),
    rest && `<p>${escapeHtml(rest)}</p>`,
    `<p style="color:#667">All of them are on the page “Alerts” of ${escapeHtml(coreName)}.</p>`,
  ].join("")}</div>`;
  return { subject: subjectOf(coreName, raised, cleared), text, html };
}

function subjectOf(coreName: string, raised: readonly Said[], cleared: readonly Said[]): string {
  const [first] = [...raised, ...cleared];
  if (first && raised.length + cleared.length === 1) return `[${wordOf(first)}] ${first.alert.title} (${coreName})`;
  const critical = raised.filter(({ alert }) => alert.severity === "critical").length;
  const parts = [
    raised.length > 0 && formatNumberOf(raised.length, "alert"),
    critical > 0 && `${critical} critical`,
    cleared.length > 0 && `${cleared.length} over`,
  ].filter(Boolean);
  return `${parts.join(", ")} (${coreName})`;
}

const wordOf = ({ delivery, alert }: Said) => (delivery.event === "cleared" ? "over" : alert.severity);

function toText(said: Said): string {
  const { alert, delivery } = said;
  const lines = [`${wordOf(said).toUpperCase()}: ${alert.title}`, alert.detail];
  if (delivery.event === "cleared")
    return [...lines, `Over since ${moment(alert.clearedAt)}.`].filter(Boolean).join("\n");
  return [...lines, alert.remedy, `Raised ${moment(alert.raisedAt)}${times(alert)}.`].filter(Boolean).join("\n");
}

function toHtml(said: Said): string {
  const { alert, delivery } = said;
  const isOver = delivery.event === "cleared";
  const colour = isOver ? "#1d7a4b" : alert.severity === "critical" ? "#b3261e" : "#8a5a00";
  const when = isOver ? `Over since ${moment(alert.clearedAt)}.` : `Raised ${moment(alert.raisedAt)}${times(alert)}.`;
  return [
    `<p><b style="color:${colour}">${escapeHtml(wordOf(said).toUpperCase())}</b> <b>${escapeHtml(alert.title)}</b><br>`,
    alert.detail && `${escapeHtml(alert.detail)}<br>`,
    isOver ? "" : `${escapeHtml(alert.remedy)}<br>`,
    `<span style="color:#667">${when}</span></p>`,
  ].join("");
}

const times = ({ count }: Alert) => (count > 1 ? `, ${count} times` : "");
const moment = (at: string | null) => (at ? `${at.slice(0, 16).replace("T", " ")} UTC` : "now");

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? "");

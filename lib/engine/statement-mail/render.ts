import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import type { Rendered, Renderer } from "@/lib/engine/deliveries/render";
import type { MailAttachment } from "@/lib/engine/mail";
import { renderStatement } from "@/lib/engine/statement-forms";
import { plain, readableAmount } from "@/lib/engine/statement-forms/figures";
import { monthName } from "@/lib/engine/statement-forms/pdf/heading";
import type { StatementFormat } from "@/lib/engine/statement-forms/schemas";
import { openStatement } from "@/lib/engine/statements";
import type { StatementSource } from "@/lib/engine/statements/printed";
import { notFound } from "@/lib/errors";
import type { Delivery } from "@/prisma/generated/client";

const FORMATS: readonly StatementFormat[] = ["pdf", "csv"];

/** A statement as a mail: what it comes to in words, its summary as PDF and as CSV. */
export const statementRenderer: Renderer = { render };

async function render(ctx: EngineContext, [delivery]: readonly Delivery[]): Promise<Rendered> {
  if (!delivery?.subjectId) throw notFound("statement");
  const source = await openStatement(ctx, { id: delivery.subjectId });
  const attachments = await Promise.all(FORMATS.map((format) => attach(source, format)));
  const { tenantName, month, number } = source.statement;
  const subject = `Statement ${number ?? ""} for ${monthName(month)}: ${tenantName}`;
  return { message: { mail: { subject, text: textOf(source), attachments } }, skipped: new Map() };
}

async function attach(source: StatementSource, format: StatementFormat): Promise<MailAttachment> {
  const { fileName, contentType, body } = renderStatement(source, { form: "summary", format });
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return { filename: fileName, contentType, content: Buffer.concat(chunks) };
}

function textOf({ statement }: StatementSource): string {
  const { tenantName, month, timeZone, currency, total, missingHours, lines } = statement;
  const amount = currency ? [`Total: ${readableAmount(total, statement)} ${currency}`] : ["Without prices."];
  const missing =
    plain(missingHours) === "0"
      ? []
      : [`Hours of agents that were not measured, and are not charged: ${plain(missingHours)}`];
  return [
    `This is the statement of ${tenantName} for ${monthName(month)} (${timeZone}).`,
    "",
    ...lines.map((line) => `${line.position}. ${line.description}: ${plain(line.quantity)} ${line.unit}`),
    "",
    ...amount,
    ...missing,
    "",
    "It is attached as PDF for people and as CSV for programs. Each line says how it was measured.",
    "",
  ].join("\n");
}

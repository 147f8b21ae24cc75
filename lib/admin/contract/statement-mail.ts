import {
  ListStatementDeliveriesInput,
  SentStatement,
  StatementDeliveryPage,
} from "@/lib/engine/statement-mail/schemas";
import { ById, billers, row } from "./row";

export const statementMailContract = {
  sendStatement: row({
    method: "POST",
    path: "/statements/{id}/send",
    summary: "Mail a final statement to its tenant's addresses once more.",
    area: "usage",
    roles: billers,
    input: ById,
    output: SentStatement,
  }),
  listStatementDeliveries: row({
    method: "GET",
    path: "/statements/{id}/deliveries",
    summary: "When a statement was mailed to whom, and what became of it.",
    area: "usage",
    roles: billers,
    input: ListStatementDeliveriesInput,
    output: StatementDeliveryPage,
  }),
} as const;

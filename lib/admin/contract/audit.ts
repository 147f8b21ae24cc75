import { AuditPage, AuditReport, AuditStanding, SearchAuditInput, VerifyAuditInput } from "@/lib/engine/audit/schemas";
import { administrators, Nothing, row } from "./row";

/** Who did what. Its export travels beside this table: lib/admin/audit-stream.ts. */
export const auditContract = {
  searchAudit: row({
    method: "GET",
    path: "/audit",
    summary: "The audit trail, newest first: who did what, from where, through which door, and with what result.",
    area: "people",
    roles: administrators,
    input: SearchAuditInput,
    output: AuditPage,
  }),
  getAuditStanding: row({
    method: "GET",
    path: "/audit/standing",
    summary: "How long the audit trail is, and how far it was verified.",
    area: "people",
    roles: administrators,
    input: Nothing,
    output: AuditStanding,
  }),
  verifyAudit: row({
    method: "POST",
    path: "/audit/verify",
    summary: "Verify the audit trail for some seconds; while its state is «going», call it again to go on.",
    area: "people",
    roles: administrators,
    input: VerifyAuditInput,
    output: AuditReport,
  }),
} as const;

import { Alert, AlertCounts, AlertPage, ListAlertsInput } from "@/lib/engine/alerts/schemas";
import { ById, everyone, Nothing, operators, row } from "./row";

export const alertsContract = {
  listAlerts: row({
    method: "GET",
    path: "/alerts",
    summary: "Alerts, the newest first, with what can be done about each.",
    area: "alerts",
    roles: everyone,
    reach: "tenant",
    input: ListAlertsInput,
    output: AlertPage,
  }),
  countAlerts: row({
    method: "GET",
    path: "/alert-counts",
    summary: "How many alerts wait for somebody.",
    area: "alerts",
    roles: everyone,
    reach: "tenant",
    input: Nothing,
    output: AlertCounts,
  }),
  acknowledgeAlert: row({
    method: "POST",
    path: "/alerts/{id}/acknowledge",
    summary: "Say that you know of it and see to it.",
    area: "alerts",
    roles: operators,
    reach: "tenant",
    input: ById,
    output: Alert,
  }),
} as const;

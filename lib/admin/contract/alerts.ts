import {
  AcknowledgeAlertInput,
  AcknowledgeAlertsInput,
  AcknowledgedCount,
  Alert,
  AlertCounts,
  AlertPage,
  ListAlertsInput,
} from "@/lib/engine/alerts/schemas";
import { everyone, Nothing, operators, row } from "./row";

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
    input: AcknowledgeAlertInput,
    output: Alert,
  }),
  acknowledgeAlerts: row({
    method: "POST",
    path: "/alerts/acknowledge",
    summary: "Say that you see to every open alert that fits: those named, of a kind, a severity, a tenant.",
    area: "alerts",
    roles: operators,
    reach: "tenant",
    input: AcknowledgeAlertsInput,
    output: AcknowledgedCount,
  }),
} as const;

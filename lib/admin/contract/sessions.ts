import { z } from "zod";
import { page } from "@/lib/engine/schemas";
import { ListSessionsInput, MirroredJob, SessionDetail, SessionSummary } from "@/lib/engine/sessions/schemas";
import { ById, everyone, operators, row } from "./row";

export const sessionsContract = {
  listSessions: row({
    method: "GET",
    path: "/sessions",
    summary: "Replication sessions with lag and the newest run.",
    roles: everyone,
    input: ListSessionsInput,
    output: page(SessionSummary),
  }),
  getSession: row({
    method: "GET",
    path: "/sessions/{id}",
    summary: "One replication session with its runs.",
    roles: everyone,
    input: ById,
    output: SessionDetail,
  }),
  getMirroredJob: row({
    method: "GET",
    path: "/sessions/{id}/mirrored-job",
    summary: "The source's job as this core mirrors it, with its parts; null when there is none.",
    roles: everyone,
    input: ById,
    output: z.object({ job: MirroredJob.nullable() }),
  }),
  runSession: row({
    method: "POST",
    path: "/sessions/{id}/run",
    summary: "Replicate now.",
    roles: operators,
    input: ById,
    output: SessionSummary,
  }),
  pauseSession: row({
    method: "POST",
    path: "/sessions/{id}/pause",
    summary: "Pause; a run stops after the records in flight.",
    roles: operators,
    input: ById,
    output: SessionSummary,
  }),
  resumeSession: row({
    method: "POST",
    path: "/sessions/{id}/resume",
    summary: "Go on.",
    roles: operators,
    input: ById,
    output: SessionSummary,
  }),
  cancelRun: row({
    method: "POST",
    path: "/sessions/{id}/cancel",
    summary: "Cancel the run that is going on.",
    roles: operators,
    input: ById,
    output: SessionSummary,
  }),
} as const;

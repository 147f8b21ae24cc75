import { z } from "zod";
import type { Role } from "@/lib/engine/accounts/schemas";
import { ApiToken, CreateApiTokenInput, Me, SetUpInput } from "@/lib/engine/accounts/schemas";
import {
  AgentDetail,
  AgentSummary,
  CreateAgentInput,
  ListAgentsInput,
  Volume,
  VolumeInput,
} from "@/lib/engine/agents/schemas";
import { CoreSummary, Overview } from "@/lib/engine/core/schemas";
import {
  ApprovePairingInput,
  DeletePairingInput,
  DenyPairingInput,
  IgnorePairingInput,
  ListPairingsInput,
  PairingSummary,
  SendPairingRequestInput,
  UpdatePairingInput,
} from "@/lib/engine/pairing/schemas";
import {
  BrowseEntry,
  BrowseInput,
  ListRecoveryPointsInput,
  RecoveryPointDetail,
  RecoveryPointSummary,
  RestoreInput,
} from "@/lib/engine/recovery-points/schemas";
import { CreateRepositoryInput, RepositoryDetail, RepositorySummary } from "@/lib/engine/repositories/schemas";
import { Id, PageInput, page } from "@/lib/engine/schemas";
import { ListSessionsInput, SessionDetail, SessionSummary } from "@/lib/engine/sessions/schemas";
import { ListTasksInput, StartCaptureInput, TaskReport } from "@/lib/engine/tasks/schemas";
import { row } from "@/lib/http/row";

const everyone = ["administrator", "approver", "engineer", "billing", "reader"] as const satisfies readonly Role[];
const operators = ["administrator", "engineer"] as const satisfies readonly Role[];
const approvers = ["administrator", "approver"] as const satisfies readonly Role[];
const administrators = ["administrator"] as const satisfies readonly Role[];
const ById = z.object({ id: Id });
const Nothing = z.object({});

/** The native API, which the dashboard itself uses. Below /api/v1. */
export const adminContract = {
  getCore: row({
    method: "GET",
    path: "/core",
    summary: "This core: name, version, where peers reach it.",
    roles: "anyone",
    input: Nothing,
    output: CoreSummary,
  }),
  setUp: row({
    method: "POST",
    path: "/setup",
    summary: "Create the first administrator with the one-time link.",
    roles: "anyone",
    input: SetUpInput,
    output: Me,
  }),
  getMe: row({ method: "GET", path: "/me", summary: "Who is signed in.", roles: everyone, input: Nothing, output: Me }),
  getOverview: row({
    method: "GET",
    path: "/overview",
    summary: "Counts and storage at a glance.",
    roles: everyone,
    input: Nothing,
    output: Overview,
  }),

  listApiTokens: row({
    method: "GET",
    path: "/tokens",
    summary: "Your bearer tokens.",
    roles: everyone,
    input: PageInput,
    output: page(ApiToken),
  }),
  createApiToken: row({
    method: "POST",
    path: "/tokens",
    summary: "Make a bearer token; it is shown once.",
    roles: everyone,
    input: CreateApiTokenInput,
    output: ApiToken.extend({ token: z.string() }),
  }),
  deleteApiToken: row({
    method: "DELETE",
    path: "/tokens/{id}",
    summary: "Revoke a token at once.",
    roles: everyone,
    input: ById,
    output: Nothing,
  }),

  listRepositories: row({
    method: "GET",
    path: "/repositories",
    summary: "Repositories with their usage.",
    roles: everyone,
    input: PageInput,
    output: page(RepositorySummary),
  }),
  createRepository: row({
    method: "POST",
    path: "/repositories",
    summary: "Make a repository in a folder of this machine.",
    roles: administrators,
    input: CreateRepositoryInput,
    output: RepositorySummary,
  }),
  getRepository: row({
    method: "GET",
    path: "/repositories/{id}",
    summary: "One repository with its usage over time.",
    roles: everyone,
    input: ById,
    output: RepositoryDetail,
  }),

  listAgents: row({
    method: "GET",
    path: "/agents",
    summary: "Protected machines, captured here or replicated to here.",
    roles: everyone,
    input: ListAgentsInput,
    output: page(AgentSummary),
  }),
  createAgent: row({
    method: "POST",
    path: "/agents",
    summary: "Protect a machine or folder of this core.",
    roles: operators,
    input: CreateAgentInput,
    output: AgentDetail,
  }),
  getAgent: row({
    method: "GET",
    path: "/agents/{id}",
    summary: "One agent with its volumes.",
    roles: everyone,
    input: ById,
    output: AgentDetail,
  }),
  addVolume: row({
    method: "POST",
    path: "/agents/{agentId}/volumes",
    summary: "Add a volume to an agent.",
    roles: operators,
    input: z.object({ agentId: Id }).and(VolumeInput),
    output: Volume,
  }),
  listRecoveryPoints: row({
    method: "GET",
    path: "/agents/{agentId}/recovery-points",
    summary: "Recovery points, newest first.",
    roles: everyone,
    input: ListRecoveryPointsInput,
    output: page(RecoveryPointSummary),
  }),
  startCapture: row({
    method: "POST",
    path: "/agents/{agentId}/captures",
    summary: "Capture an agent's volumes as a recovery point.",
    roles: operators,
    input: StartCaptureInput,
    output: TaskReport,
  }),

  getRecoveryPoint: row({
    method: "GET",
    path: "/recovery-points/{id}",
    summary: "One recovery point with its volume images.",
    roles: everyone,
    input: ById,
    output: RecoveryPointDetail,
  }),
  browseImage: row({
    method: "GET",
    path: "/recovery-points/{recoveryPointId}/images/{imageId}/entries",
    summary: "What a folder of a folder image holds.",
    roles: operators,
    input: BrowseInput,
    output: z.object({ items: z.array(BrowseEntry), nextCursor: z.string().nullable() }),
  }),
  startRestore: row({
    method: "POST",
    path: "/recovery-points/{recoveryPointId}/images/{imageId}/restores",
    summary: "Restore an image into a folder or file of this machine.",
    roles: operators,
    input: RestoreInput,
    output: TaskReport,
  }),

  listTasks: row({
    method: "GET",
    path: "/tasks",
    summary: "Captures and restores, newest first.",
    roles: everyone,
    input: ListTasksInput,
    output: page(TaskReport),
  }),
  getTask: row({
    method: "GET",
    path: "/tasks/{id}",
    summary: "One capture or restore.",
    roles: everyone,
    input: ById,
    output: TaskReport,
  }),
  cancelTask: row({
    method: "POST",
    path: "/tasks/{id}/cancel",
    summary: "Cancel a capture or restore.",
    roles: operators,
    input: ById,
    output: TaskReport,
  }),

  listPairings: row({
    method: "GET",
    path: "/pairings",
    summary: "Pairing requests and peers.",
    roles: everyone,
    input: ListPairingsInput,
    output: page(PairingSummary),
  }),
  getPairing: row({
    method: "GET",
    path: "/pairings/{id}",
    summary: "One pairing or request.",
    roles: everyone,
    input: ById,
    output: PairingSummary,
  }),
  sendPairingRequest: row({
    method: "POST",
    path: "/pairings",
    summary: "Ask another core to replicate agents to it.",
    roles: administrators,
    input: SendPairingRequestInput,
    output: PairingSummary,
  }),
  approvePairing: row({
    method: "POST",
    path: "/pairings/{id}/approve",
    summary: "Let a core in.",
    roles: approvers,
    input: ApprovePairingInput,
    output: PairingSummary,
  }),
  denyPairing: row({
    method: "POST",
    path: "/pairings/{id}/deny",
    summary: "Refuse a core, and say why.",
    roles: approvers,
    input: DenyPairingInput,
    output: PairingSummary,
  }),
  ignorePairing: row({
    method: "POST",
    path: "/pairings/{id}/ignore",
    summary: "Dismiss a request without an answer.",
    roles: approvers,
    input: IgnorePairingInput,
    output: PairingSummary,
  }),
  updatePairing: row({
    method: "PATCH",
    path: "/pairings/{id}",
    summary: "Change the rate cap, also while a run goes on.",
    roles: operators,
    input: UpdatePairingInput,
    output: PairingSummary,
  }),
  deletePairing: row({
    method: "DELETE",
    path: "/pairings/{id}",
    summary: "End a pairing at once; recovery points stay.",
    roles: administrators,
    input: DeletePairingInput,
    output: PairingSummary,
  }),

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

export type AdminContract = typeof adminContract;

import { z } from "zod";
import {
  AgentDetail,
  AgentSummary,
  CreateAgentInput,
  ListAgentsInput,
  UpdateAgentInput,
  Volume,
  VolumeInput,
} from "@/lib/engine/agents/schemas";
import { CreateManagedVolumeInput, MoveVolumeInput } from "@/lib/engine/managed-volumes/schemas";
import { ListRecoveryPointsInput, RecoveryPointSummary } from "@/lib/engine/recovery-points/schemas";
import { Id, page } from "@/lib/engine/schemas";
import { StartCaptureInput, TaskReport } from "@/lib/engine/tasks/schemas";
import { administrators, ById, everyone, operators, row } from "./row";

export const agentsContract = {
  listAgents: row({
    method: "GET",
    path: "/agents",
    summary: "Protected machines, captured here or replicated to here.",
    roles: everyone,
    reach: "tenant",
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
    reach: "tenant",
    input: ById,
    output: AgentDetail,
  }),
  updateAgent: row({
    method: "PATCH",
    path: "/agents/{id}",
    summary: "Set the labels of an agent; targets hear of it.",
    roles: operators,
    reach: "tenant",
    input: UpdateAgentInput,
    output: AgentDetail,
  }),
  deleteAgent: row({
    method: "DELETE",
    path: "/agents/{id}",
    summary: "Delete an agent of this core with all its recovery points, in the background.",
    roles: administrators,
    reach: "tenant",
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
  createManagedVolume: row({
    method: "POST",
    path: "/agents/{agentId}/managed-volumes",
    summary: "Add a disk image that this core keeps itself, empty and sparse.",
    roles: operators,
    input: CreateManagedVolumeInput,
    output: Volume,
  }),
  moveVolume: row({
    method: "POST",
    path: "/volumes/{volumeId}/move",
    summary: "Give a volume to another agent; its history stays where it is.",
    roles: operators,
    reach: "tenant",
    input: MoveVolumeInput,
    output: Volume,
  }),
  deleteVolume: row({
    method: "DELETE",
    path: "/volumes/{volumeId}",
    summary: "Capture a volume no more; recovery points keep its images.",
    roles: administrators,
    reach: "tenant",
    input: z.object({ volumeId: Id }),
    output: z.object({}),
  }),
  listRecoveryPoints: row({
    method: "GET",
    path: "/agents/{agentId}/recovery-points",
    summary: "Recovery points, newest first.",
    roles: everyone,
    reach: "tenant",
    input: ListRecoveryPointsInput,
    output: page(RecoveryPointSummary),
  }),
  startCapture: row({
    method: "POST",
    path: "/agents/{agentId}/captures",
    summary: "Capture an agent's volumes as a recovery point.",
    roles: operators,
    reach: "tenant",
    input: StartCaptureInput,
    output: TaskReport,
  }),
} as const;

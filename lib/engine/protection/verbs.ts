import "server-only";
import { z } from "zod";
import type { EngineContext } from "@/lib/engine/context";
import { ApproveAgentsInput } from "@/lib/engine/pairing/agents/schemas";
import { ApprovePairingInput, DeletePairingInput, UpdatePairingInput } from "@/lib/engine/pairing/schemas";
import { AssignPolicyInput, UpdatePolicyInput } from "@/lib/engine/policies/schemas";
import { UpdatePlanInput } from "@/lib/engine/policy-plans/schemas";
import { UpdateRecoveryPointInput } from "@/lib/engine/recovery-points/schemas";
import { Id } from "@/lib/engine/schemas";
import { FailOverSessionInput } from "@/lib/engine/sessions/schemas";
import { UpdateSnapshotRuleInput } from "@/lib/engine/snapshot-rules/schemas";
import type { CoreAction } from "./actions";
import { UpdateProtectionInput } from "./schemas";

interface Verb {
  /** Does what was agreed to. Throws what the verb throws, and when the input that was kept does not fit it any more. */
  readonly run: (ctx: EngineContext, input: unknown) => Promise<void>;
}

type Run<T> = (ctx: EngineContext, input: T) => Promise<unknown>;

/** The verb is loaded when it is first needed: it loads the guard, which must not load it back. */
const verb = <S extends z.ZodType>(input: S, load: () => Promise<Run<z.output<S>>>): Verb => ({
  run: async (ctx, given) => {
    const run = await load();
    await run(ctx, input.parse(given));
  },
});

const ById = z.object({ id: Id });

/** What the core does when a second person agreed: the very verb that asked, with the very input. */
export const VERBS: Readonly<Record<CoreAction, Verb>> = {
  "pairing.approve": verb(
    ApprovePairingInput,
    async () => (await import("@/lib/engine/pairing/approve")).approvePairing,
  ),
  "pairing.approve-agents": verb(
    ApproveAgentsInput,
    async () => (await import("@/lib/engine/pairing/agents/answer")).approveAgents,
  ),
  "pairing.update": verb(UpdatePairingInput, async () => (await import("@/lib/engine/pairing/update")).updatePairing),
  "pairing.delete": verb(DeletePairingInput, async () => (await import("@/lib/engine/pairing/delete")).deletePairing),
  "recovery-point.delete": verb(
    ById,
    async () => (await import("@/lib/engine/recovery-points/remove")).removeRecoveryPoint,
  ),
  "volume-image.delete": verb(
    z.object({ id: Id, tenantId: Id }),
    async () => (await import("@/lib/engine/recovery-points/delete-image")).deleteVolumeImage,
  ),
  "recovery-point.unlock": verb(
    UpdateRecoveryPointInput,
    async () => (await import("@/lib/engine/recovery-points/update")).updateRecoveryPoint,
  ),
  "orphaned-image.remove": verb(
    ById,
    async () => (await import("@/lib/engine/orphaned-images/remove")).removeOrphanedImage,
  ),
  "agent.delete": verb(ById, async () => (await import("@/lib/engine/agents/delete")).deleteAgent),
  "volume-group.delete": verb(
    z.object({ agentId: Id, withMembers: z.boolean() }),
    async () => (await import("@/lib/engine/volume-groups/delete")).deleteVolumeGroup,
  ),
  "volume.delete": verb(
    z.object({ volumeId: Id }),
    async () => (await import("@/lib/engine/volume-groups/delete")).deleteMember,
  ),
  "snapshot-rule.update": verb(
    UpdateSnapshotRuleInput,
    async () => (await import("@/lib/engine/snapshot-rules/update")).updateSnapshotRule,
  ),
  "policy.update": verb(UpdatePolicyInput, async () => (await import("@/lib/engine/policies/update")).updatePolicy),
  "policy.assign": verb(AssignPolicyInput, async () => (await import("@/lib/engine/policies/assign")).assignPolicy),
  "policy-plan.update": verb(
    UpdatePlanInput,
    async () => (await import("@/lib/engine/policy-plans/change")).updatePlan,
  ),
  "session.fail-over": verb(
    FailOverSessionInput,
    async () => (await import("@/lib/engine/sessions/failover")).failOverSession,
  ),
  "protection.update": verb(UpdateProtectionInput, async () => (await import("./rules")).updateProtection),
};

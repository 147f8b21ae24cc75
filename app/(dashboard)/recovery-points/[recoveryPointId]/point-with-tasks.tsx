"use client";

import { RecoveryPointPage } from "@/components/recovery-points/recovery-point-page";
import { AgentTasks } from "@/components/tasks/task-lists";

/** A recovery point with its agent's captures and restores, so that a restore is seen to go on. */
export const PointWithTasks = ({ id }: { id: string }) => (
  <RecoveryPointPage id={id} tasks={(agentId) => <AgentTasks agentId={agentId} max={3} />} />
);

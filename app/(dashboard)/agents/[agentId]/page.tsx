import type { Metadata } from "next";
import { AgentPage } from "@/components/agents/agent-page";
import { AgentTasks } from "@/components/tasks/task-lists";

export const metadata: Metadata = { title: "Agent" };

export default async function AgentDetailPage({ params }: { params: Promise<{ agentId: string }> }) {
  const { agentId } = await params;
  return <AgentPage id={agentId} tasks={<AgentTasks agentId={agentId} />} />;
}

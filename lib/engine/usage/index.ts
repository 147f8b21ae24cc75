export { getAgentUsage, getReportedRepositories } from "./history";
export { measureMasterUsage } from "./master-usage";
export { measureUsage } from "./measure";
export { receiveMasterUsage } from "./receive-master-usage";
export { getReplicatedAgentsUsage } from "./replicated-agents";

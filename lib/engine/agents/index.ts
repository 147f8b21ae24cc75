export { addVolume } from "./add-volume";
export { createAgent } from "./create";
export { deleteAgent, deleteAgentByPeer } from "./delete";
export { runAgentDeletion, sweepAgentDeletions } from "./delete-run";
export { getAgent } from "./get";
export { listAgents } from "./list";
export { updateAgent } from "./update";

export { addVolume } from "./add-volume";
export { createAgent } from "./create";
export { getAgent } from "./get";
export { listAgents } from "./list";
export { updateAgent } from "./update";

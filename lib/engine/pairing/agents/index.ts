export { approveAgents, denyAgents } from "./answer";
export { sendAgentRequest, verifyAgentRequest } from "./send";

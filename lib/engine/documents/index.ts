export { AgentDocument, agentDocumentKey, encodeAgentDocument, parseAgentDocument } from "./agent";
export { markStale, sweepDocuments, writeDocuments } from "./write-stale";

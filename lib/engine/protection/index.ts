export { agreeToRequest, cancelTwoPersonRequest, denyTwoPersonRequest, explainTwoPersonRequest } from "./decide";
export { doAgreedRequest, sweepTwoPersonRequests } from "./do";
export { guard, type ProtectedWork } from "./guard";
export { getProof, prove } from "./prove";
export { getTwoPersonRequest, listTwoPersonRequests } from "./requests";
export { getProtection, updateProtection } from "./rules";
export * from "./schemas";

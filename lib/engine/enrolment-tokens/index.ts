export { createEnrolmentToken, listEnrolmentTokens, revokeEnrolmentToken } from "./manage";
export * from "./schemas";
export { verifyEnrolmentToken } from "./verify";

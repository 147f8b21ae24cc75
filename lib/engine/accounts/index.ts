export { authenticateApiToken, createApiToken, deleteApiToken, listApiTokens } from "./api-tokens";
export { CreateAccountInput, createAccount, setUp } from "./create";
export { type Identified, toActor } from "./identity";
export { getMe } from "./me";
export * from "./schemas";
export { createSignIn, endSignIn, getSignIn, sweepAccounts } from "./sign-ins";
export { verifyPassword } from "./verify-password";

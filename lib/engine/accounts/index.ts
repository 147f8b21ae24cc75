export { authenticateApiToken, createApiToken, deleteApiToken, listApiTokens } from "./api-tokens";
export { changePassword } from "./change-password";
export { CreateAccountInput, createAccount, setUp } from "./create";
export { endOtherSignIns, endOwnSignIn, endSignIn, endSignInById } from "./end-sign-ins";
export { type Identified, toActor } from "./identity";
export { deleteAccount, inviteAccount } from "./invite";
export { getAccount, listAccounts } from "./list";
export { listOwnSignIns, listSignIns } from "./list-sign-ins";
export { getMe } from "./me";
export { getPasswordLink, redeemPasswordLink, resetPassword } from "./password-links";
export { getSignInRules, setSignInRules } from "./rules";
export * from "./schemas";
export {
  beginSecondFactor,
  confirmSecondFactor,
  getSecondFactor,
  removeSecondFactor,
  renewRecoveryCodes,
  turnOffSecondFactor,
  verifySecondFactor,
} from "./second-factor";
export { createSignIn, getSignIn, type SignedIn, sweepAccounts } from "./sign-ins";
export { disableAccount, enableAccount, setAccountTenants, updateAccount, updateMe } from "./update";
export { markProven, verifyOwner } from "./verify-owner";
export { verifyPassword, verifySignIn } from "./verify-password";

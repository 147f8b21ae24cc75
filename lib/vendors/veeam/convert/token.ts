import type { OpenedVendorSignIn } from "@/lib/engine/vendor-sign-ins";

/** The answer to a sign-in. Dates are ISO 8601: clients of either version read these, and those of v6 nothing else. */
export const toTokenAnswer = ({ account, token, second, issuedAt, expiresAt }: OpenedVendorSignIn) => ({
  access_token: token,
  token_type: "bearer",
  refresh_token: second ?? "",
  expires_in: Math.round((expiresAt.getTime() - issuedAt.getTime()) / 1000),
  userName: account.email,
  ".issued": issuedAt.toISOString(),
  ".expires": expiresAt.toISOString(),
});

import { z } from "zod";
import { Instant } from "@/lib/engine/schemas";

/** Six digits of the authenticator, or a recovery code; spaces and dashes are nothing. */
export const SecondFactorCode = z.string().trim().min(6, "A code has six digits.").max(40);

/** That the owner of an account is there: its password, or a code of its second factor. */
export const OwnerProof = z
  .object({ password: z.string().min(1).max(256).optional(), code: SecondFactorCode.optional() })
  .refine(({ password, code }) => (password === undefined) !== (code === undefined), {
    message: "Give the password, or a code of the second factor.",
  });
export type OwnerProof = z.infer<typeof OwnerProof>;

export const SecondFactor = z.object({
  /** null: not switched on. */
  enabledAt: Instant.nullable(),
  recoveryCodesLeft: z.number().int().nonnegative(),
  /** The rules of this core ask this account for one. */
  isRequired: z.boolean(),
  /** Has a password; one who signs in by the identity provider alone has none, and the second factor is the provider's. */
  hasPassword: z.boolean(),
});
export type SecondFactor = z.infer<typeof SecondFactor>;

export const BeginSecondFactorInput = z.object({ password: z.string().min(1).max(256) });
export type BeginSecondFactorInput = z.infer<typeof BeginSecondFactorInput>;

/** Shown this once, to be put into an authenticator. */
export const SecondFactorKey = z.object({
  /** Base32, to be typed. */
  key: z.string(),
  /** otpauth://, to be drawn as a QR code. */
  uri: z.string(),
});
export type SecondFactorKey = z.infer<typeof SecondFactorKey>;

export const ConfirmSecondFactorInput = z.object({ code: SecondFactorCode });
export type ConfirmSecondFactorInput = z.infer<typeof ConfirmSecondFactorInput>;

/** Shown this once; each stands in for a code, once. */
export const RecoveryCodes = z.object({ codes: z.array(z.string()) });
export type RecoveryCodes = z.infer<typeof RecoveryCodes>;

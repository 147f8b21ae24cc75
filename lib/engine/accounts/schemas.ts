import { z } from "zod";
import { Id, Instant, PageInput } from "@/lib/engine/schemas";
import { DEFAULT_LIFE_DAYS, DEFAULT_SCOPES, Scopes } from "./scopes";
import { SecondFactorCode } from "./second-factor/schemas";

export * from "./second-factor/schemas";

export const Role = z.enum(["administrator", "approver", "engineer", "billing", "reader"]);
export type Role = z.infer<typeof Role>;

export const Email = z
  .email()
  .max(254)
  .transform((text) => text.toLowerCase());
/** OWASP ASVS 6.2: length is the only rule; 15 is its advice, 12 our floor. */
export const Password = z.string().min(12, "Use at least 12 characters.").max(256);

export const PersonName = z.string().trim().min(1, "Give a name.").max(120);

export const SetUpInput = z.object({
  token: z.string().min(20).max(200),
  name: PersonName,
  email: Email,
  password: Password,
});
export type SetUpInput = z.infer<typeof SetUpInput>;

export const Me = z.object({
  accountId: Id,
  name: z.string(),
  email: z.string(),
  role: Role,
  /** The tenants it is bound to; null: it may know of all. */
  tenantIds: z.array(Id).nullable(),
});
export type Me = z.infer<typeof Me>;

export const ApiToken = z.object({
  id: Id,
  name: z.string(),
  createdAt: Instant,
  expiresAt: Instant.nullable(),
  lastUsedAt: Instant.nullable(),
  /** Where it was used last; "" for never. */
  lastUsedAddress: z.string(),
  scopes: z.array(z.string()),
});
export type ApiToken = z.infer<typeof ApiToken>;

export const CreateApiTokenInput = z.object({
  name: z.string().trim().min(1).max(120),
  expiresInDays: z.number().int().min(1).max(3650).nullable().default(DEFAULT_LIFE_DAYS),
  scopes: Scopes.default([...DEFAULT_SCOPES]),
});
export type CreateApiTokenInput = z.input<typeof CreateApiTokenInput>;

/** What this core asks of whoever signs in. */
export const SignInRules = z.object({
  /** Who of these has no second factor may do nothing but set one up. */
  secondFactorRoles: z.array(Role).max(Role.options.length).default([]),
});
export type SignInRules = z.infer<typeof SignInRules>;

export const ChangePasswordInput = z.object({ oldPassword: z.string().min(1).max(256), newPassword: Password });
export type ChangePasswordInput = z.infer<typeof ChangePasswordInput>;

export const UpdateMeInput = z.object({ name: PersonName });
export type UpdateMeInput = z.infer<typeof UpdateMeInput>;

export const SignInWay = z.enum(["password", "second_factor", "identity"]);
export type SignInWay = z.infer<typeof SignInWay>;

/** What somebody types to sign in. */
export const VerifySignInInput = z.object({
  email: z.string().min(1).max(254),
  password: z.string().min(1).max(256),
  /** Of the second factor, or a recovery code; asked for when the account has one. */
  code: SecondFactorCode.optional(),
});
export type VerifySignInInput = z.infer<typeof VerifySignInInput>;

/** A browser that is signed in. */
export const SignInReport = z.object({
  id: Id,
  account: z.object({ id: Id, name: z.string(), email: z.string() }),
  address: z.string(),
  userAgent: z.string(),
  way: SignInWay,
  createdAt: Instant,
  lastSeenAt: Instant,
  expiresAt: Instant,
  /** The one that asks. */
  isCurrent: z.boolean(),
});
export type SignInReport = z.infer<typeof SignInReport>;

export const ListSignInsInput = PageInput.extend({ accountId: Id.optional() });
export type ListSignInsInput = z.infer<typeof ListSignInsInput>;

export const AccountState = z.enum(["active", "invited", "disabled"]);
export type AccountState = z.infer<typeof AccountState>;

/** A tenant that an account is bound to. */
export const BoundTenant = z.object({ id: Id, name: z.string() });

/** Somebody with an account here, as administrators see them. */
export const AccountReport = z.object({
  id: Id,
  name: z.string(),
  email: z.string(),
  role: Role,
  /** null: bound to none, it may know of all. */
  tenants: z.array(BoundTenant).nullable(),
  /** "invited": its owner has not chosen a password yet. */
  state: AccountState,
  hasSecondFactor: z.boolean(),
  /** Comes by the identity provider. */
  hasIdentity: z.boolean(),
  lastSignInAt: Instant.nullable(),
  createdAt: Instant,
});
export type AccountReport = z.infer<typeof AccountReport>;

/** A secret for scripts, by name only. */
export const CredentialReport = z.object({
  kind: z.enum(["api-token", "access-key"]),
  id: z.string(),
  name: z.string(),
  lastUsedAt: Instant.nullable(),
  expiresAt: Instant.nullable(),
});
export type CredentialReport = z.infer<typeof CredentialReport>;

export const AccountDetail = AccountReport.extend({
  hasPassword: z.boolean(),
  passwordChangedAt: Instant.nullable(),
  secondFactorAt: Instant.nullable(),
  disabledAt: Instant.nullable(),
  /** Of the one-time link that still waits to be used. */
  linkExpiresAt: Instant.nullable(),
  signIns: z.number().int().nonnegative(),
  vendorSignIns: z.number().int().nonnegative(),
  credentials: z.array(CredentialReport),
});
export type AccountDetail = z.infer<typeof AccountDetail>;

export const ListAccountsInput = PageInput.extend({
  /** Part of a name or an address. */
  text: z.string().trim().max(120).optional(),
  role: Role.optional(),
  state: AccountState.optional(),
});
export type ListAccountsInput = z.infer<typeof ListAccountsInput>;

/** null: bound to none. */
const TenantIds = z.array(Id).max(500).nullable();

export const InviteAccountInput = z.object({ name: PersonName, email: Email, role: Role, tenantIds: TenantIds });
export type InviteAccountInput = z.infer<typeof InviteAccountInput>;

export const UpdateAccountInput = z.object({
  id: Id,
  name: PersonName.optional(),
  role: Role.optional(),
  tenantIds: TenantIds.optional(),
});
export type UpdateAccountInput = z.infer<typeof UpdateAccountInput>;

/** A one-time link is /link#<token>: what stands behind the # is never sent. */
export const PasswordLink = z.object({ token: z.string(), expiresAt: Instant });
export type PasswordLink = z.infer<typeof PasswordLink>;

const LinkToken = z.string().trim().min(20, "The token in the link is not whole. Copy the whole link.").max(200);
export const GetPasswordLinkInput = z.object({ token: LinkToken });
export type GetPasswordLinkInput = z.infer<typeof GetPasswordLinkInput>;

export const PasswordLinkReport = z.object({
  purpose: z.enum(["invitation", "reset"]),
  name: z.string(),
  email: z.string(),
  expiresAt: Instant,
});
export type PasswordLinkReport = z.infer<typeof PasswordLinkReport>;

export const RedeemPasswordLinkInput = z.object({ token: LinkToken, password: Password });
export type RedeemPasswordLinkInput = z.infer<typeof RedeemPasswordLinkInput>;

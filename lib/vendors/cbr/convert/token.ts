import type { Me } from "@/lib/engine/accounts/schemas";
import type { OpenedVendorSignIn } from "@/lib/engine/vendor-sign-ins";
import { toProjectId } from "../values";

const DOMAIN = { id: "twincore", name: "Twincore" };

/** A Keystone token's description; the token itself goes into a header. */
export function toToken(
  { account, issuedAt, expiresAt }: Pick<OpenedVendorSignIn, "account" | "issuedAt" | "expiresAt">,
  {
    method,
    project,
    baseUrl,
  }: { method: "password" | "token"; project: { id: string; name: string } | null; baseUrl: string },
) {
  return {
    token: {
      methods: [method],
      issued_at: toKeystoneTime(issuedAt),
      expires_at: toKeystoneTime(expiresAt),
      user: toUser(account),
      roles: [{ id: account.role, name: account.role }],
      ...(project
        ? {
            project: { id: toProjectId(project.id), name: project.name, domain: DOMAIN },
            catalog: [
              toService("identity", `${baseUrl}/v3`),
              ...CBR_TYPES.map((type) => toService(type, endpointOf(baseUrl, project.id))),
            ],
          }
        : { domain: DOMAIN, catalog: [toService("identity", `${baseUrl}/v3`)] }),
    },
  };
}

/** Clients look their endpoint up under one name or the other. */
const CBR_TYPES = ["cbr", "cbrv3"] as const;
const endpointOf = (baseUrl: string, projectId: string) => `${baseUrl}/v3/${toProjectId(projectId)}`;

const toService = (type: string, url: string) => ({
  id: type,
  type,
  name: type,
  endpoints: [{ id: type, interface: "public", region: "*", region_id: "*", url }],
});

const toUser = ({ accountId, email }: Me) => ({ id: toProjectId(accountId), name: email, domain: DOMAIN });

/** Six digits of a second: that is how Keystone writes. */
const toKeystoneTime = (time: Date): string => time.toISOString().replace("Z", "000Z");

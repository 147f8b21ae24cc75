export { HOME_TENANT, homeTenantId } from "./home-tenant";
export { getOverview } from "./overview";
export { type PreparedCore, prepareCore } from "./prepare";
export { assertSpoken, isSpoken, PROTOCOL_VERSION } from "./protocol";
export * from "./schemas";
export { findCore, getCoreSummary } from "./summary";
export { VERSION } from "./version";

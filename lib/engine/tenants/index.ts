export { listTenantAccounts } from "./accounts";
export { createTenant } from "./create";
export { deleteTenant } from "./delete";
export { findTenantByName, getTenant, getTenantName } from "./get";
export { listTenants } from "./list";
export * from "./schemas";
export { updateTenant } from "./update";

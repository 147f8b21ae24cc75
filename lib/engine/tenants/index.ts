export { findTenantByName, getTenant } from "./get";

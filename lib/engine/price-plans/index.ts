export { getPricePlan } from "./get";
export { listPricePlans } from "./list";
export { assignPlan, listTenantPlans, removeTenantPlan } from "./tenant-plans";
export { deletePlanVersion, setPlanVersion } from "./versions";
export { createPricePlan, updatePricePlan } from "./write";

export { assignPlan, unassignPlan } from "./assign";
export { createPlan, deletePlan, updatePlan } from "./change";
export { getPlan, listPlans } from "./list";
export * from "./schemas";

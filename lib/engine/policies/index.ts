export { assignPolicy } from "./assign";
export { createPolicy } from "./create";
export { deletePolicy } from "./delete";
export { getPolicy } from "./get";
export { listPolicies } from "./list";
export * from "./schemas";
export { updatePolicy } from "./update";

export { getOperation, listOperations } from "./list";
export * from "./schemas";

export { createAccessKey, deleteAccessKey, findAccessKey, listAccessKeys } from "./access-keys";
export * from "./schemas";

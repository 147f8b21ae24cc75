export { exportKeys, type KeyFile } from "./export";
export * from "./schemas";

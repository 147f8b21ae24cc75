export { queryCatalog } from "./query";
export * from "./schemas";

export { listSystems } from "./list";
export { refreshDestinations } from "./refresh";
export * from "./schemas";

export { createRepository } from "./create";
export { deleteRepository } from "./delete";
export { getRepository } from "./get";
export { getHolding, listHoldings } from "./holdings";
export { listRepositories } from "./list";
export { measureRepositories } from "./measure";
export { type Domain, ensureDomain, type OpenRepository, openRepository } from "./open";
export * from "./schemas";
export { updateRepository } from "./update";

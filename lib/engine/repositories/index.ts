export { createRepository } from "./create";
export { getRepository } from "./get";
export { listRepositories } from "./list";
export { measureRepositories } from "./measure";
export { type Domain, ensureDomain, type OpenRepository, openRepository } from "./open";
export * from "./schemas";

/** Stands in for vitest in the process that is killed: it has no test to clean up after. */
export const afterAll = (): void => undefined;
export const inject = (): string => "";

// Takes the place of the package of this name in bundles that run outside Next.
export {};

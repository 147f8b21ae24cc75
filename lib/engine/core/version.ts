import manifest from "@/package.json";

/** Of this program, as package.json says it. */
export const VERSION: string = manifest.version;

import { existsSync } from "node:fs";
import path from "node:path";

/** The checkout this code belongs to, whether it runs from source (tests) or bundled in .build. */
export function findRoot(): string {
  for (let at = import.meta.dirname; ; at = path.dirname(at)) {
    if (existsSync(path.join(at, "package.json")) && existsSync(path.join(at, "prisma"))) return at;
    if (at === path.dirname(at)) throw new Error(`No Twincore checkout above ${import.meta.dirname}.`);
  }
}

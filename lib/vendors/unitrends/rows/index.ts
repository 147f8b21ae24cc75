import type { AnyVendorRow } from "../../row";
import { queueRows } from "./queue";
import { settingsRows } from "./settings";
import { signInRows } from "./sign-in";
import { sourceRows } from "./source";
import { systemsRows } from "./systems";
import { targetRows } from "./target";

/** Every address of this API that is answered here. */
export const unitrendsRows: readonly AnyVendorRow[] = [
  ...signInRows,
  ...sourceRows,
  ...targetRows,
  ...queueRows,
  ...settingsRows,
  ...systemsRows,
];

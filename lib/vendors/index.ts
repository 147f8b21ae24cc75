import { cbr } from "./cbr/dialect";
import type { Dialect } from "./dialect";
import { powerstore } from "./powerstore";
import { unitrends } from "./unitrends/dialect";
import { veeam } from "./veeam/dialect";

/** The doors of other vendors, in the order in which they are asked whose an address is. */
export const dialects: readonly Dialect[] = [powerstore, cbr, veeam, unitrends];

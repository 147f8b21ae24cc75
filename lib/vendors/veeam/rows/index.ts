import type { AnyVendorRow } from "../../row";
import { collectionRows } from "./collections";
import { repositoryRows } from "./repositories";
import { syncRows } from "./sync";

/** Everything of the API that is answered here. */
export const rows: readonly AnyVendorRow[] = [...repositoryRows, ...syncRows, ...collectionRows];

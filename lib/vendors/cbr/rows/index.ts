import type { AnyVendorRow } from "../../row";
import { backupRows } from "./backups";
import { identityRows } from "./identity";
import { policyRows } from "./policies";
import { replicationRows } from "./replication";
import { vaultRows } from "./vaults";

/** Everything of the API that is answered here. */
export const rows: readonly AnyVendorRow[] = [
  ...identityRows,
  ...vaultRows,
  ...backupRows,
  ...policyRows,
  ...replicationRows,
];

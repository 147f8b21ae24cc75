import type { TwincoreError } from "@/lib/errors";
import type { AnyVendorRow } from "../row";

/** An error as this API tells it. */
export interface CbrError {
  readonly status: number;
  readonly code: string;
}

/** What is missing, by what the address is about. */
const MISSING: readonly [RegExp, string][] = [
  [/^(create|replicate)Checkpoint$/, "BackupService.6105"],
  [/Checkpoint$/, "BackupService.6217"],
  [/Backups?$/, "BackupService.6200"],
  [/OperationLogs?$/, "BackupService.6500"],
  [/Polic(y|ies)$/, "BackupService.6000"],
  [/Vaults?$|Resources$/, "BackupService.6105"],
];

/** What is missing or forbids it when the engine says which with a word. */
const DETAILS: Readonly<Record<string, CbrError>> = {
  project: { status: 404, code: "BackupService.6302" },
  agent: { status: 404, code: "BackupService.6302" },
  policy: { status: 404, code: "BackupService.6000" },
  "not-assigned": { status: 404, code: "BackupService.6002" },
  vault: { status: 404, code: "BackupService.6105" },
  "nothing-to-do": { status: 400, code: "BackupService.0001" },
  "unknown-region": { status: 500, code: "BackupService.1005" },
  "unknown-destination": { status: 400, code: "BackupService.6120" },
  "destination-full": { status: 400, code: "BackupService.6129" },
  "already-replicating": { status: 400, code: "BackupService.6130" },
  capturing: { status: 400, code: "BackupService.6125" },
  "other-vault": { status: 400, code: "BackupService.6103" },
  restoring: { status: 400, code: "BackupService.2010" },
  "in-place": { status: 400, code: "BackupService.2011" },
  "other-resource": { status: 400, code: "BackupService.2003" },
};

/** The same word means another thing for another call. */
const BY_ROW: Readonly<Record<string, CbrError>> = {
  "replicateCheckpoint ambiguous-region": { status: 400, code: "BackupService.6118" },
  "replicateBackup ambiguous-region": { status: 400, code: "BackupService.6118" },
  "replicateCheckpoint not-replicable": { status: 400, code: "BackupService.6119" },
  "replicateBackup not-replicable": { status: 400, code: "BackupService.6122" },
  "replicateBackup in-use": { status: 400, code: "BackupService.6216" },
  "deleteBackup in-use": { status: 400, code: "BackupService.6216" },
  "deleteVault in-use": { status: 400, code: "BackupService.6112" },
  "updatePolicy in-use": { status: 400, code: "BackupService.6003" },
};

const REFUSED: CbrError = { status: 400, code: "BackupService.9900" };

/** Status and code for anything that went wrong at this row; null: no row was found. */
export function toCbrError(error: TwincoreError, row: AnyVendorRow | null): CbrError {
  const { detail } = error.options;
  const byRow = row && detail ? BY_ROW[`${row.name} ${detail}`] : undefined;
  const known = byRow ?? (detail ? DETAILS[detail] : undefined);
  if (known) return known;
  switch (error.code) {
    case "unauthenticated":
      return { status: 401, code: "APIGW.0301" };
    case "forbidden":
    case "step_up_required":
      return { status: 403, code: "APIGW.0302" };
    case "not_found":
      return { status: 404, code: row ? missing(row.name) : "APIGW.0101" };
    case "wrong_method":
      return { status: 405, code: "APIGW.0106" };
    case "too_many_requests":
      return { status: 429, code: "APIGW.0308" };
    case "conflict":
      return { status: 400, code: row ? conflicting(row.name) : REFUSED.code };
    case "agreement_pending":
      return { status: 409, code: REFUSED.code };
    case "invalid_input":
    case "bad_range":
      return REFUSED;
    case "too_large":
      return { status: 413, code: REFUSED.code };
    case "storage_full":
      return { status: 400, code: "BackupService.6114" };
    case "unavailable":
      return row?.name.startsWith("replicate")
        ? { status: 500, code: "BackupService.4005" }
        : { status: 503, code: "BackupService.9910" };
    case "integrity":
    case "internal":
      return { status: 500, code: "BackupService.9910" };
    default:
      return error.code satisfies never;
  }
}

const missing = (name: string): string => MISSING.find(([pattern]) => pattern.test(name))?.[1] ?? "BackupService.6302";

/** What a thing's state forbids, when nothing more is known of it. */
function conflicting(name: string): string {
  if (name === "createCheckpoint") return "BackupService.6113";
  if (name === "deleteBackup") return "BackupService.6216";
  if (name === "restoreBackup") return "BackupService.2005";
  return REFUSED.code;
}

import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { getTenantName } from "@/lib/engine/tenants";
import { TwincoreError } from "@/lib/errors";
import type { VendorCall } from "../row";

/**
 * The tenant that the address names. Throws forbidden when the credential was given out for another project, not_found when there is no such
 * project.
 */
export async function projectOf(ctx: EngineContext, { caller }: VendorCall, projectId: string): Promise<string> {
  if (caller?.scope && caller.scope !== projectId)
    throw new TwincoreError(
      "forbidden",
      "The token was not given out for this project. Ask for one whose scope it is.",
    );
  try {
    return (await getTenantName(ctx, { id: projectId })).id;
  } catch (error) {
    if (error instanceof TwincoreError && error.code === "not_found")
      throw new TwincoreError("not_found", "There is no such project.", { detail: "project" });
    throw error;
  }
}

import "server-only";
import path from "node:path";
import { assertReadable } from "@/lib/engine/capture/check-path";
import { compileExcludes } from "@/lib/engine/capture/excludes";
import type { EngineContext } from "@/lib/engine/context";
import type { VolumeInput } from "./schemas";

/** The columns of a volume after everything that can be wrong with it was looked at. Throws `invalid_input`. */
export async function checkVolume(ctx: EngineContext, input: VolumeInput) {
  if (input.kind === "stream") return { name: input.name, kind: input.kind };
  if (input.kind === "folder") compileExcludes(input.excludes);
  await assertReadable(ctx, input);
  const excludes = input.kind === "folder" ? input.excludes : [];
  return { name: input.name, kind: input.kind, path: path.resolve(input.path), excludes };
}

import type { Manifest } from "./open";

/**
 * Packed keys of an image by their position in it, its streams one behind the other: from `fromIndex` up to `toIndex` (exclusive,
 * default: all), in pieces of at most 1,024.
 */
export async function* flatKeys(manifest: Manifest, fromIndex = 0, toIndex?: number): AsyncGenerator<Buffer> {
  const end = Math.min(toIndex ?? manifest.recordCount, manifest.recordCount);
  let first = 0;
  for (const { kind, keyCount } of manifest.streams) {
    const [from, to] = [Math.max(fromIndex, first) - first, Math.min(end, first + keyCount) - first];
    if (from < to) yield* manifest.packedKeys(kind, from, to);
    first += keyCount;
  }
}

export { assertBitmap, bitmapBytes, countBits, hasBit, packBits, setBit } from "./bitmap";
export { type Changes, compareRaw, keysOf } from "./compare";
export { discardDamaged, discardManifest } from "./discard";
export { flatKeys } from "./flat";
export { BLOCK_KEYS, type ManifestStream, type StreamKind } from "./format";
export { type Manifest, openManifest } from "./open";
export { scidOf } from "./scid";
export { type FinishedManifest, ManifestWriter } from "./write";

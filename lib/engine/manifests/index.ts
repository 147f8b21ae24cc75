export { discardManifest } from "./discard";
export { BLOCK_KEYS, type ManifestStream, type StreamKind } from "./format";
export { type Manifest, openManifest } from "./open";
export { type FinishedManifest, ManifestWriter } from "./write";

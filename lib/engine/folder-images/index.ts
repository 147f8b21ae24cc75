export { EntriesWriter } from "./entries-writer";
export { decodeEntries, type Entry, type EntryType, encodeEntry } from "./entry";
export type { FoundEntry } from "./entry-index";
export { FolderImage } from "./open";
export * from "./path";
export { PayloadReader } from "./payload-reader";

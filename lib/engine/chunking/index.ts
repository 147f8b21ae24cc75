export { type Chunker, cutStream } from "./chunker";
export {
  CONTENT_BYTES_MAX,
  CONTENT_BYTES_MIN,
  CONTENT_BYTES_TARGET,
  ContentDefinedChunker,
  cut,
} from "./content-defined";
export { cutFixed, FIXED_BLOCK_BYTES, FixedChunker } from "./fixed";
export { isZero } from "./zero";

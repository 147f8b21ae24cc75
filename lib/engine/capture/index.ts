export { type CaptureAgentInput, captureAgent } from "./agent";
export { assertReadable } from "./check-path";
export { Counters } from "./counters";
export { compileExcludes } from "./excludes";
export { type FileSource, type FileStat, type OpenFile, systemFiles } from "./file-source";
export { type CaptureStreamInput, captureStream } from "./receive";

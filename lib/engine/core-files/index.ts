export { deleteCoreFile, sweepCoreFiles } from "./delete";
export { openCoreFileDownload } from "./download";
export { getExchangeDllInfo, getExchangeVersions } from "./exchange";
export { listCoreFiles } from "./list";

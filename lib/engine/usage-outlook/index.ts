export { getStorageOutlook } from "./get";

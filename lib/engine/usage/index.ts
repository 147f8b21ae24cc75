export { measureMasterUsage, receiveMasterUsage } from "./master-usage";

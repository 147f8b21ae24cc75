export { recordVendorJob, sweepVendorJobs } from "./record";
export * from "./schemas";

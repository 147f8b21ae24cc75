export * from "./schemas";
export { getReplicationSettings, getThrottle, setThrottle, updateReplicationSettings } from "./settings";
export { throttleAt } from "./throttle-at";

export { createAlertRule, deleteAlertRule, listAlertRules, updateAlertRule } from "./change";
export { isAbout } from "./match";
export { quietUntil } from "./quiet";
export * from "./schemas";

export { acknowledgeAlert, acknowledgeAlerts } from "./acknowledge";
export { countAlerts, listAlerts } from "./list";
export { sweepAlerts } from "./prune";
export { clearAlert, type RaisedAlert, raiseAlert } from "./raise";
export { reportDamage } from "./report-damage";
export * from "./schemas";
export { watch } from "./watch";
export { watchFilling } from "./watch/filling";

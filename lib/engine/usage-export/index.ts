export { exportUsage } from "./export";

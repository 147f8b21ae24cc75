export { previewPlan } from "./preview";

export { sweepRetention } from "./sweep";

export { beginSecondFactor, confirmSecondFactor, renewRecoveryCodes } from "./enrol";
export { getSecondFactor } from "./get";
export * from "./schemas";
export { removeSecondFactor, turnOffSecondFactor } from "./turn-off";
export { verifySecondFactor } from "./verify";

export { type CheckQuotaInput, type ComingPoint, checkQuota, remainingStored } from "./check";
export { predictExhaustion } from "./predict";
export { assertQuota, CaptureRoom, forgetArrived, noteArrived, reservePoint, reserveStored } from "./reserve";
export { removeQuota, setQuota } from "./set";
export { findRoomAgain, sweepQuotas, wakeWaiting } from "./wake";

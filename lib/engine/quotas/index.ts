export { type CheckQuotaInput, type ComingPoint, checkQuota, isLimited, remainingStored } from "./check";
export { getAgentQuotas, getTenantQuotas, listQuotas } from "./list";
export { predictExhaustion } from "./predict";
export { letIn, noteRefusal } from "./refuse";
export { reportQuotas } from "./report";
export { assertQuota, CaptureRoom, forgetArrived, noteArrived, reservePoint, reserveStored } from "./reserve";
export { removeQuota, setQuota } from "./set";
export { findRoomAgain, sweepQuotas, wakeWaiting } from "./wake";

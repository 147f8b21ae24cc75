export { cloneRecoveryPoint } from "./clone";
export { setAsidePoints } from "./set-aside";
export { createTestCopy, removeTestCopy, sweepTestCopies } from "./test-copy";

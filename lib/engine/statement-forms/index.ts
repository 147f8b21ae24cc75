export { checked } from "./checked";
export { exportStatement } from "./export";
export { type RenderedStatement, renderStatement } from "./render";

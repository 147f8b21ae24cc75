export { type RenderedStatement, renderStatement } from "./render";

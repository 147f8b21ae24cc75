export { deliver, wakeDeliveries } from "./deliver";
export { listDeliveries } from "./list";
export { type NewDelivery, queueDeliveries, queueDelivery } from "./queue";
export type { Rendered, RenderedMessage, Renderer } from "./render";
export { retryDelivery } from "./retry";
export * from "./schemas";
export { sweepDeliveries } from "./sweep";

export { listStatementDeliveries } from "./list";
export { queueStatement } from "./queue";
export { sendStatement } from "./send";

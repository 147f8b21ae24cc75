export { createChannel } from "./create";
export { listChannels } from "./list";
export * from "./schemas";
export { testChannel } from "./test";
export { deleteChannel, renewChannelSecret, updateChannel } from "./update";

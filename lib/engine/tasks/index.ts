export { cancelTask } from "./cancel";
export { captureRepository, type RepositoryCapture } from "./capture-repository";
export { getTask } from "./get";
export { listTasks } from "./list";
export { restoreBeside } from "./restore-beside";
export { type RunTaskInput, runTask } from "./run";
export { startCapture } from "./start-capture";
export { startRestore } from "./start-restore";
export { sweepTasks } from "./sweep";

export { abandonSeedDrive } from "./abandon";
export { getConsumedSeedDrives, hearConsumedDrives } from "./consumed";
export { continueSeedDrive } from "./continue";
export { createSeedDrive } from "./create";
export { getSeedDrive, listSeedDrives } from "./list";
export { consumeSeedDrive } from "./start-consume";

export { captureCurrent } from "./capture-current";
export { createSingleVolume, createVolumeGroup } from "./create";
export { deleteMember, deleteVolumeGroup } from "./delete";
export { addMembers, removeMembers } from "./members";
export * from "./schemas";
export { assignVolumePolicy, updateVolume, updateVolumeGroup } from "./update";

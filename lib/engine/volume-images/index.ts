export { getVolumeImage, listVolumeImages } from "./list";
export * from "./schemas";

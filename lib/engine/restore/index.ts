export { type Download, type DownloadInput, decodePath, openDownload, openFileDownload } from "./download";
export { type RestoreImageInput, restoreImage } from "./run";

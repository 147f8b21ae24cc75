const MiB = 1024 * 1024;
const GiB = 1024 * MiB;

/** Applications' libraries have some megabytes, their installers up to two gigabytes. Ending one stays within a peer's patience. */
export const FILE_BYTES_MAX = 2 * GiB;
/** Some tenths of a second on a slow line; larger pieces only lose more when a connection breaks. */
export const PIECE_BYTES_MAX = 16 * MiB;
/** The largest file in pieces of 64 KiB, the smallest that clients of files use. */
export const PIECES_MAX = 32_768;
/** Uploads that one peer has open at once. */
export const OPEN_UPLOADS_MAX = 8;
/** Files of one peer that are kept, and their bytes together with those of open uploads. */
export const FILES_MAX = 1_000;
export const PEER_BYTES_MAX = 16 * GiB;
/** Pieces of one peer that one process takes at once: until their end nobody has counted them. */
export const PIECES_AT_ONCE_MAX = 16;
/** Never filled: the database, logs and manifests of this core may lie on the same disk. */
export const RESERVE_BYTES = 256 * MiB;
/** Without a piece for so long an upload is given up. */
export const IDLE_HOURS = 24;
/** How long the end of an upload is remembered, for a sender that did not hear of it. */
export const REMEMBERED_HOURS = 24;

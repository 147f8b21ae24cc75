/** The object of one piece. One flat folder: a folder per upload would stay behind when the upload is over. */
export const pieceKey = (sessionId: string, objectId: string): string => `uploads/${sessionId}.${objectId}`;

/** What the objects of an upload's pieces begin with. */
export const piecesPrefix = (sessionId: string): string => `uploads/${sessionId}.`;

/** The object of a file, which has the id of the upload that brought it. */
export const fileKey = (fileId: string): string => `files/${fileId}`;

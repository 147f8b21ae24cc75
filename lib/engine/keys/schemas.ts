import { z } from "zod";

/** The first line of an opened key file. */
export const KEY_FILE_FORMAT = "twincore-keys";

/** Who holds the file has all the time of the world to guess: length is what protects it. */
export const ExportKeysInput = z.object({
  passphrase: z.string().min(15, "Use at least 15 characters.").max(256),
});
export type ExportKeysInput = z.infer<typeof ExportKeysInput>;

import "server-only";
import type { FileTarget, FileTargetHooks } from "@/lib/engine/outgoing-files";
import type { PeerClient } from "./client-types";
import { cancelUploadFile, continueUploadFile, endUploadFile, startNewUploadSession } from "./operations/uploads";

/** The target reads and writes the whole file before it answers the end of an upload. */
const END_TIMEOUT_MS = 10 * 60_000;

/** The other core over HTTPS, as the sending of files needs it. */
export function fileTarget(client: PeerClient, hooks: FileTargetHooks): FileTarget {
  const options = { signal: hooks.signal };
  return {
    start: (input) => client.call(startNewUploadSession, input, options),
    send: (input, body) => client.send(continueUploadFile, input, body, { ...options, throttle: hooks.throttle }),
    end: (input) => client.call(endUploadFile, input, { ...options, timeoutMs: END_TIMEOUT_MS }),
    cancel: (input) => client.call(cancelUploadFile, input, options),
    close: () => client.close(),
  };
}

import { API_PREFIX, ApiError } from "@/lib/admin/call";
import type { ExchangeServerVersion } from "@/lib/engine/uploads/schemas";

interface PutFileInput {
  readonly pairingId: string;
  readonly file: File;
  readonly version: ExchangeServerVersion;
}

/** Sends a file to this core, which passes it on. `onProgress` is told the share of it that has left the browser. */
export function putFile(
  { pairingId, file, version }: PutFileInput,
  onProgress: (share: number) => void,
): Promise<void> {
  const query = new URLSearchParams({ name: file.name, version });
  return new Promise((resolve, reject) => {
    // fetch cannot tell how much of a body has left.
    const request = new XMLHttpRequest();
    request.open("PUT", `${API_PREFIX}/pairings/${encodeURIComponent(pairingId)}/files?${query}`);
    request.setRequestHeader("content-type", "application/octet-stream");
    request.upload.addEventListener("progress", ({ loaded }) => onProgress(file.size > 0 ? loaded / file.size : 1));
    request.addEventListener("load", () => (request.status < 300 ? resolve() : reject(toError(request))));
    request.addEventListener("error", () =>
      reject(new ApiError(0, "unavailable", "This core does not answer. Is it still running?", null)),
    );
    request.send(file);
  });
}

function toError(request: XMLHttpRequest): ApiError {
  const problem = parse(request.responseText);
  const message = problem.title ?? `This core answered ${request.status}.`;
  const requestId = problem.requestId ?? request.getResponseHeader("x-request-id");
  return new ApiError(request.status, problem.code ?? "internal", message, requestId);
}

function parse(text: string): { title?: string; code?: string; requestId?: string } {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

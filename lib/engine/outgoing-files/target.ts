import type {
  ContinueUploadInput,
  FileReceiveRequest,
  FileReceiveResponse,
  UploadRef,
} from "@/lib/engine/uploads/peer-schemas";

/** The other core, as the sending of a file needs it. Every failure is a TwincoreError. */
export interface FileTarget {
  start(input: FileReceiveRequest): Promise<FileReceiveResponse>;
  send(input: ContinueUploadInput, body: AsyncIterable<Uint8Array>): Promise<void>;
  end(input: UploadRef): Promise<void>;
  cancel(input: UploadRef): Promise<void>;
  close(): void;
}

export interface FileTargetHooks {
  readonly signal: AbortSignal;
  /** Awaited before so many bytes are sent. */
  readonly throttle?: (bytes: number) => Promise<void>;
}

export type ConnectFileTarget = (pairingId: string, hooks: FileTargetHooks) => Promise<FileTarget>;

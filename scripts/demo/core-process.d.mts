export interface Runtime {
  pid: number;
  coreId: string;
  webUrl: string;
  peerUrl: string;
  vendorUrl: string | null;
  databaseUrl: string;
  caPem: string;
  processes: { role: string; pid: number }[];
}
export interface CoreProcess {
  readonly name: string;
  readonly home: string;
  readonly pid: number;
  readonly runtime: Runtime;
  readonly setupUrl: string | null;
  readonly exited: Promise<number>;
  /** Everything it wrote lately. */
  output(): string;
  stop(): Promise<void>;
}
export function startCore(options: { name: string; home: string; env?: Record<string, string> }): Promise<CoreProcess>;
export function readRuntime(home: string): Runtime | null;

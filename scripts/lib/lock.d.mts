export interface LockHolder {
  pid: number;
  started: string;
}
export interface HeldLock {
  release(): void;
}
export function startTimeOf(pid: number): string;
export function isAlive(holder: LockHolder): boolean;
export function lockHolder(file: string): LockHolder | null;
export function tryLock(file: string): HeldLock | null;
export function lock(
  file: string,
  options: { timeoutMs: number; onWait?: (holder: LockHolder) => void },
): Promise<HeldLock>;

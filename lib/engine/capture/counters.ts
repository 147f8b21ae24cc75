/** How far a capture or a restore is. Only ever grows. */
export class Counters {
  /** Bytes of content handled, whether or not they had to be read or stored. */
  bytesDone = 0;
  /** null until it is known. */
  bytesTotal: number | null = null;
  filesDone = 0;
  /** Bytes that did not have to be read at all. */
  takenBytes = 0;
  /** Who else counts bytes that did not have to be stored again: one writer per volume. */
  readonly savings: (() => number)[] = [];

  constructor(public phase: string) {}

  /** Of bytesDone, those that did not have to be read or stored again. */
  get savedBytes(): number {
    return this.savings.reduce((sum, count) => sum + count(), this.takenBytes);
  }
}

import type { StatementDetail, StatementLine } from "./schemas";

// What the forms are written from. Figures are decimals as text: nothing on its way to paper goes through a float.

export type PrintedLine = StatementLine;
export type PrintedStatement = StatementDetail;

/** What was measured of something in some time. */
export interface PrintedUsage {
  readonly measuredSeconds: bigint;
  readonly missingSeconds: bigint;
  /** Measured seconds in which it counts as an agent. */
  readonly agentSeconds: bigint;
  /** Bytes × seconds, whole numbers. */
  readonly protectedByteSeconds: bigint;
  readonly storedByteSeconds: bigint;
  readonly transferredBytes: bigint;
}

export interface PrintedPlace {
  readonly agentId: string;
  readonly agentName: string;
  readonly repositoryId: string;
  readonly repositoryName: string;
  readonly sourceName: string;
  readonly recoveryPointsMax: number;
  /** null: its source said nothing. */
  readonly reportedBytes: bigint | null;
}

/** One agent in one repository in the whole month. */
export interface PrintedAgent extends PrintedUsage, PrintedPlace {
  readonly days: number;
}

/** The same on one day, "YYYY-MM-DD". */
export interface PrintedDay extends PrintedUsage, PrintedPlace {
  readonly day: string;
}

/** All agents on one day. */
export interface PrintedDayTotal extends PrintedUsage {
  readonly day: string;
  readonly agents: number;
}

/** A statement and what it was made of; what may be long comes in batches and is never held whole. */
export interface StatementSource {
  readonly statement: PrintedStatement;
  /** By agent, repository and day. */
  days(): AsyncIterable<readonly PrintedDay[]>;
  /** By name. */
  agents(): AsyncIterable<readonly PrintedAgent[]>;
  /** At most 31. */
  dayTotals(): Promise<readonly PrintedDayTotal[]>;
  /** How many rows `days` and `agents` have. */
  counts(): Promise<{ days: number; agents: number }>;
}

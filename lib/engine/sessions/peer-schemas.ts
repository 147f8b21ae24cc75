import { z } from "zod";
import { Id, Instant } from "@/lib/engine/schemas";
import { DivergentPoint, SessionRole, SessionState, SessionStep } from "./schemas";

/** Points that one core tells the other to compare: the newest so many. Beyond it, nothing in common counts as found. */
export const COMPARED_MAX = 10_000;
/** Points of a divergence that are kept for people on each side. */
export const SHOWN_MAX = 100;
/** Sessions of one pairing in one answer; further ones come with the next page. */
export const NEWS_MAX = 1_000;
/** Two pages of points at about 120 bytes each. */
export const WORD_BYTES_MAX = 4 * 1024 * 1024;

const SideName = z.enum(["source", "target"]);

const DivergentSide = z.object({
  points: z.array(DivergentPoint).max(SHOWN_MAX).meta({ xmlItem: "point" }),
  total: z.number().int().nonnegative(),
});

/** What each side of the pairing has alone since the common point. */
export const Divergent = z.object({ commonPointId: Id.nullable(), source: DivergentSide, target: DivergentSide });
export type Divergent = z.infer<typeof Divergent>;

/** One core's view of a session. The higher epoch is right, then the higher revision, then the core whose role is source. */
export const SessionView = z.object({
  role: SessionRole,
  state: SessionState,
  epoch: z.number().int().nonnegative(),
  revision: z.number().int().nonnegative(),
  pausedBy: SideName.nullable().default(null),
  steps: z.array(SessionStep).max(8).meta({ xmlItem: "step" }).default([]),
  keepSide: SideName.nullable().default(null),
  failoverKind: z.enum(["planned", "unplanned"]).nullable().default(null),
  failedOverAt: Instant.nullable().default(null),
  commonPointId: Id.nullable().default(null),
  divergence: Divergent.nullable().default(null),
  /** A failover test goes on here. */
  testStartedAt: Instant.nullable().default(null),
  testEndsAt: Instant.nullable().default(null),
  testPointId: Id.nullable().default(null),
  /** The newest complete recovery point here. */
  newest: DivergentPoint.nullable().default(null),
  /** Destination, at the end of a last sync: it has every point of the source up to this one. */
  syncedPointId: Id.nullable().default(null),
});
export type SessionView = z.infer<typeof SessionView>;

/** TellSession: the caller's view; the answer is the callee's, after it has taken over what was newer. */
export const SessionWord = z.object({
  sessionId: Id,
  agentId: Id,
  view: SessionView,
  /** The caller's points, newest first, when both have to find out what they have in common; null: not now. */
  points: z.array(DivergentPoint).max(COMPARED_MAX).meta({ xmlItem: "point" }).nullable().default(null),
  /** Points that the caller had and deleted: their absence is no difference. */
  deletedPointIds: z.array(Id).max(COMPARED_MAX).default([]),
});
export type SessionWord = z.infer<typeof SessionWord>;

export const SessionNewsInput = z.object({ after: Id.optional() });

/** HearSessions: how the sessions of the calling pairing stand on the callee, so that only those that differ are spoken of. */
export const SessionNews = z.object({
  sessions: z
    .array(
      z.object({
        sessionId: Id,
        agentId: Id,
        role: SessionRole,
        state: SessionState,
        epoch: z.number().int().nonnegative(),
        revision: z.number().int().nonnegative(),
        testStartedAt: Instant.nullable(),
      }),
    )
    .max(NEWS_MAX)
    .meta({ xmlItem: "session" }),
  /** Ask again with this one as `after`; null: these were all. */
  next: Id.nullable(),
});
export type SessionNews = z.infer<typeof SessionNews>;

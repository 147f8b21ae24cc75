import { describe, expect, it } from "vitest";
import { judgeCertificate, type WatchedCertificate } from "@/lib/engine/alerts/watch/judge-certificate";
import { judgeSession, type WatchedSession } from "@/lib/engine/alerts/watch/judge-session";

const NOW = new Date("2026-11-21T12:00:00Z");
const ago = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);
const session = (more: Partial<WatchedSession> = {}): WatchedSession => ({
  id: "s",
  side: "source",
  role: "source",
  state: "ok",
  pausedBy: null,
  pairingId: "p",
  peerName: "vault",
  agentName: "mail",
  tenantId: "t",
  rpoSeconds: 3600,
  thresholdMinutes: 0,
  createdAt: ago(600),
  newestPointAt: ago(10),
  lastSuccessAt: ago(9),
  nextRunAt: null,
  lastSyncMs: null,
  consecutiveFailures: 0,
  failureMessage: null,
  isRunning: false,
  etaSeconds: null,
  newestHereAt: ago(10),
  ...more,
});
const kinds = (more: Partial<WatchedSession>) => judgeSession(session(more), NOW).map(({ kind }) => kind);
const detail = (more: Partial<WatchedSession>) => judgeSession(session(more), NOW)[0]?.detail;

describe("a session", () => {
  it.each<[string, Partial<WatchedSession>, string[]]>([
    ["in time is left alone", {}, []],
    ["at exactly its RPO is not behind", { newestPointAt: ago(60), isRunning: true }, []],
    ["a moment beyond its RPO is behind", { newestPointAt: ago(60.1) }, ["rpo-breached"]],
    [
      "beyond its RPO but within its rule's threshold is only at risk",
      { newestPointAt: ago(70), thresholdMinutes: 15 },
      ["rpo-at-risk"],
    ],
    ["beyond the threshold too is behind", { newestPointAt: ago(76), thresholdMinutes: 15 }, ["rpo-breached"]],
    ["at which nothing runs is at risk from three quarters on", { newestPointAt: ago(46) }, ["rpo-at-risk"]],
    ["at which a run goes on in time is not", { newestPointAt: ago(46), isRunning: true, etaSeconds: 60 }, []],
    [
      "whose run ends too late is at risk",
      { newestPointAt: ago(20), isRunning: true, etaSeconds: 2401 },
      ["rpo-at-risk"],
    ],
    ["whose run has no rate yet is not guessed at", { newestPointAt: ago(20), isRunning: true }, []],
    ["whose next run begins too late is at risk", { newestPointAt: ago(20), nextRunAt: ago(-41) }, ["rpo-at-risk"]],
    [
      "whose next run would just end in time is not",
      { newestPointAt: ago(20), nextRunAt: ago(-39), lastSyncMs: 59_000 },
      [],
    ],
    [
      "whose next run takes too long is at risk",
      { newestPointAt: ago(20), nextRunAt: ago(-39), lastSyncMs: 61_000 },
      ["rpo-at-risk"],
    ],
    [
      "without any point counts from its making",
      { newestPointAt: null, createdAt: ago(61), lastSuccessAt: null },
      ["rpo-breached"],
    ],
    ["new and without any point is left alone", { newestPointAt: null, createdAt: ago(5), lastSuccessAt: null }, []],
    [
      "without a success for twice its RPO is silent",
      { newestPointAt: ago(121), lastSuccessAt: ago(121) },
      ["rpo-breached", "no-success"],
    ],
    [
      "that looked and found nothing to do is behind, and not silent",
      { newestPointAt: ago(200), lastSuccessAt: ago(5) },
      ["rpo-breached"],
    ],
    ["that failed twice only tries", { consecutiveFailures: 2 }, []],
    ["that failed three times fails again and again", { consecutiveFailures: 3 }, ["session-failing"]],
  ])("%s", (_, more, expected) => {
    expect(kinds(more)).toEqual(expected);
  });

  it("that is paused alerts all the same, and says so", () => {
    expect(detail({ newestPointAt: ago(90), state: "paused", pausedBy: "target" })).toContain(
      "It is paused on the target.",
    );
  });

  it("that failed over says that nothing is copied", () => {
    expect(detail({ newestPointAt: ago(90), state: "failed_over" })).toContain("until somebody reprotects it");
  });

  it("says whether newer points wait or none were made", () => {
    expect(detail({ newestPointAt: ago(90), newestHereAt: ago(5) })).toContain("Newer points wait to be copied.");
    expect(detail({ newestPointAt: ago(90), newestHereAt: ago(90) })).toContain("The agent has made no newer point.");
  });

  it("on the target of a dead source says that nothing came", () => {
    const [, silent] = judgeSession(
      session({ side: "target", role: "destination", newestPointAt: ago(130), lastSuccessAt: ago(130) }),
      NOW,
    );
    expect(silent).toMatchObject({
      kind: "no-success",
      detail: expect.stringContaining("Nothing new has come from “vault”."),
    });
  });

  it("has the same words a minute later, so that pages are not told anew", () => {
    const behind = session({ newestPointAt: ago(90) });
    expect(judgeSession(behind, new Date(NOW.getTime() + 60_000))).toEqual(judgeSession(behind, NOW));
  });

  it("gets more severe with its failures, and counts them", () => {
    const severity = (times: number) => judgeSession(session({ consecutiveFailures: times }), NOW)[0];
    expect(severity(9)).toMatchObject({ severity: "warning", count: 9 });
    expect(severity(10)).toMatchObject({ severity: "critical", count: 10 });
  });
});

describe("a certificate", () => {
  const at = (days: number, isBrought: boolean): WatchedCertificate => ({
    pairingId: "p",
    peerName: "vault",
    tenantId: null,
    notAfter: new Date(NOW.getTime() + days * 86_400_000),
    isBrought,
  });
  it.each<[number, boolean, string | null]>([
    [31, true, null],
    [30, true, "info"],
    [14, true, "warning"],
    [7, true, "critical"],
    [1, true, "critical"],
    [-1, true, "critical"],
    [14, false, null],
    [7, false, "warning"],
    [1, false, "critical"],
  ])("with %d days left (brought: %s) is %s", (days, isBrought, severity) => {
    expect(judgeCertificate(at(days, isBrought), NOW)?.severity ?? null).toBe(severity);
  });

  it("that lapsed says so", () => {
    expect(judgeCertificate(at(-1, false), NOW)?.title).toContain("has lapsed");
  });
});

import pino from "pino";

const LEVELS = ["debug", "info", "warn", "error", "silent"];

/** Structured log to stdout. Anything that could carry a secret is removed by name before it is written. */
export const log = pino({
  // A wrong level is refused by the settings, which need a log to exist first.
  level: LEVELS.includes(process.env.TWINCORE_LOG_LEVEL ?? "") ? process.env.TWINCORE_LOG_LEVEL : "info",
  base: { role: process.env.TWINCORE_PROCESS_ROLE ?? "core" },
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: (label) => ({ level: label }) },
  redact: {
    paths: [
      "password",
      "*.password",
      "token",
      "*.token",
      "secret",
      "*.secret",
      "authorization",
      "*.authorization",
      "cookie",
      "*.cookie",
      "privateKey",
      "*.privateKey",
    ],
    censor: "[removed]",
  },
});

export type Log = Pick<typeof log, "debug" | "info" | "warn" | "error">;

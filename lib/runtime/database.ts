import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { systemCode, TwincoreError } from "@/lib/errors";
import type { Log } from "@/lib/log";
import { startPostgres } from "./postgres/start";
import { withoutPassword } from "./settings";

const VERSION_LEAST = 15;
// Long enough for a Postgres that was started together with us; a wrong address should be told soon.
const EXTERNAL_WAIT_MS = 10_000;

export interface CoreDatabase {
  url: string;
  /** "built-in" for the one we keep, else its address without the password. */
  label: string;
  pid(): number | null;
  stop(boundMs: number): Promise<void>;
}

/** The database of a core: the built-in Postgres of the home, or the one DATABASE_URL names once it answers and is new enough. */
export async function openCoreDatabase(
  home: string,
  databaseUrl: string | null,
  log: Log,
  { waitMs = EXTERNAL_WAIT_MS, onRestart }: { waitMs?: number; onRestart?: () => void } = {},
): Promise<CoreDatabase> {
  if (databaseUrl) {
    await assertUsable(databaseUrl, waitMs);
    return { url: databaseUrl, label: withoutPassword(databaseUrl), pid: () => null, stop: async () => undefined };
  }
  const postgres = await startPostgres({
    home,
    onEvent: (event) => {
      if (event.kind === "died") return log.error(event, "Postgres ended and will be started again");
      log.info(event, "Postgres runs again");
      onRestart?.();
    },
  });
  return { url: postgres.url, label: "built-in", pid: postgres.pid, stop: postgres.stop };
}

async function assertUsable(url: string, waitMs: number): Promise<void> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const answer = await askVersion(url);
    if (typeof answer === "number") {
      if (answer >= VERSION_LEAST) return;
      throw unusable(url, `it is Postgres ${answer}, and ${VERSION_LEAST} or newer is needed`);
    }
    // A refused password or a missing database does not get better by waiting.
    if (!answer.again || performance.now() > deadline) throw unusable(url, answer.reason, answer.cause);
    await sleep(300);
  }
}

function unusable(url: string, reason: string, cause?: unknown): TwincoreError {
  const message = `DATABASE_URL is "${withoutPassword(url)}": ${reason}. Correct it, start that Postgres, or unset it to use the built-in one.`;
  return new TwincoreError("invalid_input", message, { cause });
}

const REASONS: Record<string, string> = {
  ECONNREFUSED: "nothing answers there",
  ENOTFOUND: "no such host is known",
  EAI_AGAIN: "no such host is known",
  ETIMEDOUT: "it does not answer",
  "28P01": "the password is refused",
  "28000": "this user may not sign in",
  "3D000": "there is no such database",
  "57P03": "it is still starting",
};
const WORTH_WAITING = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT", "ECONNRESET", "57P03"]);

async function askVersion(url: string): Promise<number | { reason: string; again: boolean; cause: unknown }> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ version: number }>(
      "select current_setting('server_version_num')::int / 10000 as version",
    );
    return rows[0]?.version ?? 0;
  } catch (cause) {
    const code = systemCode(cause) ?? "";
    const reason = REASONS[code] ?? (cause instanceof Error ? cause.message : String(cause));
    return { reason, again: WORTH_WAITING.has(code), cause };
  } finally {
    await client.end().catch(() => undefined);
  }
}

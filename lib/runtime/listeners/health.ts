import type { ServerResponse } from "node:http";
import type { Database } from "@/lib/db/client";
import { pendingMigrations } from "@/lib/db/migrate";
import { TwincoreError } from "@/lib/errors";
import { findRoot } from "@/lib/runtime/root";

// Anybody may ask; the database is asked at most this often.
const FRESH_MS = 1_000;
const ASK_MS = 3_000;

interface Readiness {
  ready: boolean;
  database: "ok" | "unreachable";
  migrations: "ok" | "pending" | "unknown";
  role: "ok" | "starting" | "stopping";
}

/** /healthz: this process lives. /readyz: it can serve (database, migrations, its own start). */
export class Health {
  role: Readiness["role"] = "starting";
  private asked: { at: number; answer: Promise<Pick<Readiness, "database" | "migrations">> } | null = null;

  constructor(private readonly db: Database) {}

  /** Answers the two paths; false for any other. */
  answer(path: string | undefined, response: ServerResponse): boolean {
    if (path === "/healthz") {
      reply(response, 200, { status: "ok" });
      return true;
    }
    if (path !== "/readyz") return false;
    void this.readiness().then((readiness) => reply(response, readiness.ready ? 200 : 503, readiness));
    return true;
  }

  private async readiness(): Promise<Readiness> {
    if (!this.asked || performance.now() - this.asked.at > FRESH_MS)
      this.asked = { at: performance.now(), answer: ask(this.db) };
    const answer = await this.asked.answer;
    return { ready: answer.migrations === "ok" && this.role === "ok", ...answer, role: this.role };
  }
}

async function ask(db: Database): Promise<Pick<Readiness, "database" | "migrations">> {
  const late = new Promise<"late">((resolve) => setTimeout(() => resolve("late"), ASK_MS).unref());
  const pending = pendingMigrations(db.pool, findRoot()).then((names) => names.length === 0);
  // Our own refusals are about the migrations (of another version, or at work); the rest is Postgres not answering.
  const refused = (error: unknown) => (error instanceof TwincoreError ? false : "failed");
  const answer = await Promise.race([pending, late]).catch(refused);
  if (answer === true) return { database: "ok", migrations: "ok" };
  if (answer === false) return { database: "ok", migrations: "pending" };
  return { database: "unreachable", migrations: "unknown" };
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(`${JSON.stringify(body)}\n`);
}

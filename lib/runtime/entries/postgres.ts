// The built-in Postgres and the migrations for scripts: import them from .build/postgres.mjs.
export { applyMigrations, migrationSql } from "@/lib/db/migrate";
export { removePostgres, startPostgres } from "@/lib/runtime/postgres/start";

import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import type { ApplyMigrationsInput, SchemaEngine } from "@prisma/schema-engine-wasm/schema_engine_bg";
import { SchemaAdapterFactory } from "./schema-adapter";

export type MigrationsList = ApplyMigrationsInput["migrationsList"];

/** We own every table of our schema; the queue library keeps its own in a schema that Prisma does not look at. */
export const EVERYTHING = { externalTables: [], externalEnums: [] };

type Glue = typeof import("@prisma/schema-engine-wasm/schema_engine_bg");

let glue: Promise<Glue> | undefined;

/**
 * Prisma's own migration engine, as WebAssembly over our driver: its binary comes from a download site that many
 * machines may not reach. About 0.3 s, so it is only loaded when there is something to migrate.
 */
export async function withSchemaEngine<T>(url: string, use: (engine: SchemaEngine) => Promise<T>): Promise<T> {
  glue ??= loadGlue();
  const { SchemaEngine } = await glue;
  const factory = new SchemaAdapterFactory(url);
  const adapter = bindMigrationAwareSqlAdapterFactory(factory);
  const engine = await SchemaEngine.new({ datamodels: undefined }, () => undefined, adapter);
  try {
    return await use(engine);
  } catch (error) {
    throw factory.scriptError ?? error;
  } finally {
    engine.free();
    await factory.close();
  }
}

/** The package's own entry imports its .wasm file as a module, which Node 20 does not do: the same by hand. */
async function loadGlue(): Promise<Glue> {
  const glueFile = createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm/schema_engine_bg");
  const module = await import("@prisma/schema-engine-wasm/schema_engine_bg");
  const compiled = await WebAssembly.compile(new Uint8Array(readFileSync(glueFile.replace(/\.js$/, ".wasm"))));
  // The generated module is the import object of its own WebAssembly; its types do not say so.
  const imports = { "./schema_engine_bg.js": module as unknown as WebAssembly.ModuleImports };
  const instance = await WebAssembly.instantiate(compiled, imports);
  module.__wbg_set_wasm(instance.exports);
  const start = instance.exports.__wbindgen_start;
  if (typeof start === "function") start();
  return module;
}

/** The migration folders as Prisma's engine wants them, oldest first. */
export function readMigrations(root: string): MigrationsList {
  const baseDir = path.join(root, "prisma", "migrations");
  const names = readdirSync(baseDir, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return {
    baseDir,
    lockfile: { path: "migration_lock.toml", content: readFileSync(path.join(baseDir, "migration_lock.toml"), "utf8") },
    shadowDbInitScript: "",
    migrationDirectories: names
      .map((entry) => entry.name)
      .sort()
      .map((name) => ({
        path: name,
        migrationFile: {
          path: "migration.sql",
          content: { tag: "ok", value: readFileSync(path.join(baseDir, name, "migration.sql"), "utf8") },
        },
      })),
  };
}

/** Every file of the schema folder. */
export function readSchemaFiles(root: string): { path: string; content: string }[] {
  const folder = path.join(root, "prisma", "schema");
  return readdirSync(folder)
    .filter((name) => name.endsWith(".prisma"))
    .sort()
    .map((name) => ({ path: path.join(folder, name), content: readFileSync(path.join(folder, name), "utf8") }));
}

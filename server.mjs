// Starts everything of one core; `node server.mjs --help` lists the settings. The program is lib/runtime/entries/core.ts.
import "./scripts/lib/node-version.mjs";
import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const program = path.join(import.meta.dirname, ".build", "core.mjs");
if (!existsSync(program)) {
  process.stderr.write("\nTwincore is not built yet. Run: npm start\n");
  process.exit(1);
}
await import(pathToFileURL(program).href);

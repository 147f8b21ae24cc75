// npm run audit -- verify | export: looks at the audit trail of a core, running or stopped. The program is lib/runtime/entries/audit.ts.
import "./lib/node-version.mjs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./lib/stamp.mjs";

await import(pathToFileURL(path.join(root, ".build", "audit.mjs")).href);

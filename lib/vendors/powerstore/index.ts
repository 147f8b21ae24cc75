import type { Dialect } from "../dialect";
import { fail, respond } from "./answers";
import { authenticate } from "./authenticate";
import { readInput } from "./input";
import { loginRows } from "./rows/login";
import { readingRows } from "./rows/reading";
import { remoteSystemRows } from "./rows/remote-systems";
import { ruleRows } from "./rows/rules";
import { sessionRows } from "./rows/sessions";
import { volumeRows } from "./rows/volumes";

/** Dell PowerStore's REST API; what of it, and every deviation: README.md beside this file. */
export const powerstore: Dialect = {
  door: "powerstore",
  owns: (path) => /^\/api\/rest(\/|$)/i.test(path),
  ignoreCase: false,
  rows: [...loginRows, ...readingRows, ...sessionRows, ...ruleRows, ...remoteSystemRows, ...volumeRows],
  authenticate,
  readInput,
  respond,
  fail,
};

import {
  SessionNews,
  SessionNewsInput,
  SessionView,
  SessionWord,
  WORD_BYTES_MAX,
} from "@/lib/engine/sessions/peer-schemas";
import { operation } from "../operation";

export const tellSession = operation({
  name: "TellSession",
  method: "POST",
  path: "/twincore/sessions/{sessionId}/word",
  isOwn: true,
  auth: "paired",
  summary:
    "The caller's view of a replication session; the answer is the view of this core after it took over what was newer.",
  input: SessionWord,
  body: "json",
  inputRoots: ["sessionWord"],
  output: SessionView,
  answer: "json",
  xmlRoot: "sessionView",
  idempotent: true,
  bytesMax: WORD_BYTES_MAX,
  handler: () => import("@/lib/engine/sessions").then((m) => m.receiveWord),
});

export const hearSessions = operation({
  name: "HearSessions",
  method: "GET",
  path: "/twincore/sessions",
  isOwn: true,
  auth: "paired",
  summary: "How the replication sessions of the calling core stand here, so that only those that differ are spoken of.",
  input: SessionNewsInput,
  body: "none",
  output: SessionNews,
  answer: "json",
  xmlRoot: "sessionNews",
  idempotent: true,
  handler: () => import("@/lib/engine/sessions").then((m) => m.listSessionNews),
});

export const sessionOperations = [tellSession, hearSessions] as const;

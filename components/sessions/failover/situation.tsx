import Link from "next/link";
import { Notice } from "@/components/ui/notice";
import { RelativeTime } from "@/components/ui/relative-time";
import type { SessionDetail } from "@/lib/engine/sessions/schemas";
import { DivergencePanel } from "./divergence";

const STEP_WORDS = { reprotect: "reprotect", "fail-over": "fail over" } as const;

/** What is out of the ordinary about who is current, above everything else. */
export function Situation({ session }: { session: SessionDetail }) {
  const sentence = sentenceOf(session);
  return (
    <>
      {session.divergence && <DivergencePanel session={session} divergence={session.divergence} />}
      {sentence && (
        <Notice kind="warn" live title={sentence.title}>
          <p>{sentence.text}</p>
          {session.steps.length > 0 && (
            <p className="mt-0.5">{`Then, by itself: ${session.steps.map((step) => STEP_WORDS[step]).join(", then ")}.`}</p>
          )}
        </Notice>
      )}
      {session.test && <TestNotice session={session} test={session.test} />}
    </>
  );
}

function sentenceOf({ state, role, agent, peer }: SessionDetail): { title: string; text: string } | null {
  const [current, other] = role === "source" ? ["this core", peer.name] : [peer.name, "this core"];
  switch (state) {
    case "failing_over":
      return {
        title: `${agent.name} is failing over`,
        text: `The last sync from ${current} to ${other} goes on. Nothing new is captured meanwhile; the roles change when everything has arrived.`,
      };
    case "failing_over_for_dr":
      return {
        title: `${agent.name} is failing over without its source`,
        text: "This core is about to become current. It does not ask the other one.",
      };
    case "failed_over":
      return {
        title: `${agent.name} has failed over`,
        text: `${current === "this core" ? "This core" : current} is current now. Nothing is copied to ${other} until somebody reprotects, so new recovery points are on one core only.`,
      };
    case "reprotecting":
      return {
        title: `${agent.name} is being reprotected`,
        text: `The first copy from ${current} to ${other} goes on. Until it is done, new recovery points are on one core only.`,
      };
    default:
      return null;
  }
}

function TestNotice({ session, test }: { session: SessionDetail; test: NonNullable<SessionDetail["test"]> }) {
  return (
    <Notice kind="info" live title="A failover test goes on">
      <p>
        {"Begun "}
        <RelativeTime at={test.startedAt} />
        {test.endsAt ? (
          <>
            ; taken back by itself <RelativeTime at={test.endsAt} />.
          </>
        ) : (
          "; it goes on until somebody stops it."
        )}
      </p>
      <p className="mt-0.5">
        {test.agentId ? (
          <>
            {"The test copy is the agent "}
            <Link href={`/agents/${test.agentId}`} className="underline underline-offset-2">
              {`${session.agent.name} (failover test)`}
            </Link>
            : restore from it and capture into it. {session.agent.name} itself is not touched.
          </>
        ) : (
          `The test copy is on ${session.peer.name}; it can be stopped there.`
        )}
      </p>
    </Notice>
  );
}

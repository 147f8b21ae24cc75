"use client";

import { Button, IconButton } from "@/components/ui/button";
import type { SessionSummary } from "@/lib/engine/sessions/schemas";
import { useSessionActions } from "./use-session-actions";

/** Small, at the end of a row: icons that say on hover what they do. */
export function SessionRowActions({ session }: { session: SessionSummary }) {
  const actions = useSessionActions(session);
  return (
    <div className="flex justify-end gap-0.5 max-[719px]:justify-start">
      {actions.map(({ label, icon: Icon, action }) => (
        <IconButton
          key={label}
          label={`${label}: ${session.agent.name}`}
          pending={action.isPending}
          onClick={() => action.mutate(undefined)}
        >
          {!action.isPending && <Icon aria-hidden />}
        </IconButton>
      ))}
    </div>
  );
}

/** The same with words, at the head of a session's own page. */
export function SessionButtons({ session }: { session: SessionSummary }) {
  const actions = useSessionActions(session);
  return (
    <>
      {actions.map(({ label, icon: Icon, action }, at) => (
        <Button
          key={label}
          tone={label === "Cancel run" ? "danger-quiet" : at === 0 ? "primary" : "secondary"}
          pending={action.isPending}
          onClick={() => action.mutate(undefined)}
        >
          {!action.isPending && <Icon aria-hidden />}
          {label}
        </Button>
      ))}
    </>
  );
}

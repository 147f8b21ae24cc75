"use client";

import { useSyncExternalStore } from "react";
import { CodeLine } from "@/components/ui/copy";

const never = () => () => undefined;

/** The line that sends a stream into a volume, with this core's own address. */
export function StreamLine({ agentId, volume }: { agentId: string; volume: string }) {
  const origin = useSyncExternalStore(
    never,
    () => location.origin,
    () => "",
  );
  const query = volume === "stream" ? "" : `?volume=${encodeURIComponent(volume)}`;
  return (
    <CodeLine label="the curl line">
      {`pg_dumpall | curl -T - -H "authorization: Bearer $TWINCORE_TOKEN" "${origin}/api/v1/agents/${agentId}/captures${query}"`}
    </CodeLine>
  );
}

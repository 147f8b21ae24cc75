"use client";

import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { QueryView } from "@/components/feedback/query-view";
import { useAction } from "@/components/feedback/use-action";
import { useMay, useMe } from "@/components/shell/me";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { CodeLine, CopyText } from "@/components/ui/copy";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { DoorReport } from "@/lib/engine/doors/schemas";
import { doorsQuery } from "./queries";
import { DOOR_WORDS } from "./words";

/** The APIs of other products at this core: which are open, where, and how a client signs in. */
export function DoorsPanel() {
  const query = useQuery(doorsQuery());
  return (
    <Panel flush title="Doors of other products" note="existing clients talk to this core as if it were theirs">
      <QueryView query={query} what="the doors">
        {({ url, doors }) => (
          <>
            {url === null && (
              <Notice kind="info" className="m-3.5" title="No vendor listener runs">
                These doors are served by a listener of its own (role vendor). Start this core with it.
              </Notice>
            )}
            <ul>
              {doors.map((door) => (
                <DoorItem key={door.name} door={door} url={url} />
              ))}
            </ul>
          </>
        )}
      </QueryView>
    </Panel>
  );
}

function DoorItem({ door, url }: { door: DoorReport; url: string | null }) {
  const words = DOOR_WORDS[door.name];
  const me = useMe();
  return (
    <li className="grid gap-2 border-b px-3.5 py-3 last:border-b-0">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <h3 className="font-medium text-sm">{words.product}</h3>
        <Badge tone={door.isOpen ? "ok" : "neutral"}>{door.isOpen ? "open" : "closed"}</Badge>
        <span className="ml-auto">
          <DoorSwitch door={door} />
        </span>
      </div>
      <p className="text-muted text-sm">{words.use}</p>
      {door.isOpen && url !== null && (
        <details className="group">
          <summary className="w-fit cursor-pointer rounded text-petrol text-sm hover:underline">
            How a client signs in
          </summary>
          <div className="mt-2 grid gap-2 text-sm">
            <p>
              <CopyText text={`${url}${words.base}`} label="base address" />
            </p>
            <p>{words.signIn}</p>
            <CodeLine label={`the ${words.product} example`}>{words.example(url, me.email)}</CodeLine>
            <p className="text-muted text-xs">
              Accounts and roles are those of this core; an API token does in the password's place. The listener's
              certificate is signed by this core's own authority.{" "}
              <Link className="text-petrol underline" href={`/reference/${door.name}` as Route}>
                What is served there
              </Link>
            </p>
          </div>
        </details>
      )}
    </li>
  );
}

function DoorSwitch({ door }: { door: DoorReport }) {
  const may = useMay();
  const { product } = DOOR_WORDS[door.name];
  const set = useAction({
    run: () => callAdmin(adminContract.setDoor, { name: door.name, isOpen: !door.isOpen }),
    touches: [["doors"]],
    done: () => `The ${product} door is ${door.isOpen ? "closed" : "open"} from now on`,
  });
  if (!may(adminContract.setDoor)) return null;
  return (
    <Button
      size="sm"
      pending={set.isPending}
      aria-label={`${door.isOpen ? "Close" : "Open"} the ${product} door`}
      onClick={() => set.mutate(undefined)}
    >
      {door.isOpen ? "Close" : "Open"}
    </Button>
  );
}

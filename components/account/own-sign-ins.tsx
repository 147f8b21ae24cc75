"use client";

import { useAction } from "@/components/feedback/use-action";
import { SignInList } from "@/components/people/sign-in-list";
import { Button } from "@/components/ui/button";
import { Panel } from "@/components/ui/panel";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { formatNumberOf } from "@/lib/format";
import { ownSignInsQuery } from "./queries";

/** Where one is signed in oneself. */
export function OwnSignIns() {
  const others = useAction({
    run: () => callAdmin(adminContract.endOtherSignIns, {}),
    touches: [["sign-ins"]],
    done: ({ ended }) => `${formatNumberOf(ended, "other sign-in")} ended`,
  });
  const endOthers = (
    <Button size="sm" pending={others.isPending} onClick={() => others.mutate(undefined)}>
      End all others
    </Button>
  );
  return (
    <Panel flush title="Where you are signed in" actions={endOthers}>
      <SignInList options={ownSignInsQuery()} end={(id) => callAdmin(adminContract.endOwnSignIn, { id })} />
    </Panel>
  );
}

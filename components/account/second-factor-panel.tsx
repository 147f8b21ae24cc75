"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { QueryView } from "@/components/feedback/query-view";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import type { SecondFactor } from "@/lib/engine/accounts/schemas";
import { formatNumberOf } from "@/lib/format";
import { secondFactorQuery } from "./queries";
import { RenewCodes, TurnOff } from "./second-factor-dialogs";
import { SetUpSecondFactor } from "./set-up-second-factor";

type Open = "set-up" | "renew" | "off";

/** The second factor of one's own account. */
export function SecondFactorPanel() {
  const query = useQuery(secondFactorQuery());
  return (
    <Panel title="Second factor" note="a code from your phone beside the password">
      <QueryView query={query} what="your second factor">
        {(factor) => <Factor factor={factor} />}
      </QueryView>
    </Panel>
  );
}

function Factor({ factor }: { factor: SecondFactor }) {
  const client = useQueryClient();
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => {
    setOpen(null);
    void client.invalidateQueries({ queryKey: ["me"] });
  };
  return (
    <>
      {factor.enabledAt ? <On factor={factor} open={setOpen} /> : <Off factor={factor} open={setOpen} />}
      {open === "set-up" && (
        <Dialog open onOpenChange={(isOpen) => !isOpen && close()} title="Set up a second factor">
          <SetUpSecondFactor onDone={close} />
        </Dialog>
      )}
      {open === "renew" && <RenewCodes onClose={close} />}
      {open === "off" && <TurnOff onClose={close} />}
    </>
  );
}

interface FaceProps {
  factor: SecondFactor;
  open: (what: Open) => void;
}

function On({ factor, open }: FaceProps) {
  return (
    <div className="grid gap-3 text-sm">
      <p className="flex flex-wrap items-center gap-2">
        <Badge tone="ok">on</Badge>
        {factor.enabledAt && (
          <span>
            since <RelativeTime at={factor.enabledAt} />
          </span>
        )}
      </p>
      <p className={factor.recoveryCodesLeft < 3 ? "text-warn" : undefined}>
        {`${formatNumberOf(factor.recoveryCodesLeft, "recovery code")} left.`}
      </p>
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => open("renew")}>New recovery codes</Button>
        <Button tone="danger-quiet" onClick={() => open("off")}>
          Turn off
        </Button>
      </div>
    </div>
  );
}

function Off({ factor, open }: FaceProps) {
  if (!factor.hasPassword)
    return (
      <p className="text-sm">
        You sign in by single sign-on; what it asks for beside a password is set up at the identity provider.
      </p>
    );
  return (
    <div className="grid gap-3 text-sm">
      <p className="flex flex-wrap items-center gap-2">
        <Badge tone={factor.isRequired ? "warn" : "neutral"}>off</Badge>
        {factor.isRequired ? "This core asks your role for one." : "Who learns your password can sign in as you."}
      </p>
      <div>
        <Button tone="primary" onClick={() => open("set-up")}>
          Set up
        </Button>
      </div>
    </div>
  );
}

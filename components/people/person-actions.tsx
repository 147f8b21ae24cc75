"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { Dialog } from "@/components/ui/dialog";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { AccountDetail } from "@/lib/engine/accounts/schemas";
import { OneTimeLink } from "./one-time-link";
import { TOUCHES } from "./queries";

type Ask = "reset" | "factor" | "disable" | "delete";

interface PersonActionsProps {
  account: AccountDetail;
  isMe: boolean;
}

/** What an administrator does when somebody forgot, lost or left. */
export function PersonActions({ account, isMe }: PersonActionsProps) {
  const [ask, setAsk] = useState<Ask | null>(null);
  const actions = usePersonActions(account, () => setAsk(null));
  const isNew = account.state === "invited";
  const question = ask && questionsOf(account, isNew)[ask];
  return (
    <>
      {!isMe && account.state !== "disabled" && (
        <Button onClick={() => setAsk("reset")}>{isNew ? "New link" : "Reset password"}</Button>
      )}
      {account.hasSecondFactor && !isMe && <Button onClick={() => setAsk("factor")}>Remove second factor</Button>}
      {account.state === "disabled" && (
        <Button pending={actions.enable.isPending} onClick={() => actions.enable.mutate(undefined)}>
          Enable
        </Button>
      )}
      {isNew && !account.lastSignInAt && (
        <Button tone="danger-quiet" onClick={() => setAsk("delete")}>
          Remove
        </Button>
      )}
      {!isNew && account.state !== "disabled" && (
        <Button tone="danger-quiet" onClick={() => setAsk("disable")}>
          Disable
        </Button>
      )}
      {ask && question && (
        <Confirm
          open
          onOpenChange={(open) => !open && setAsk(null)}
          title={question.title}
          action={question.action}
          pending={actions[ask].isPending}
          onConfirm={() => actions[ask].mutate(undefined)}
        >
          <p>{question.text}</p>
        </Confirm>
      )}
      {actions.reset.data && (
        <Dialog open onOpenChange={(open) => !open && actions.reset.reset()} title="One-time link">
          <div className="grid gap-4">
            <OneTimeLink email={account.email} link={actions.reset.data} />
            <Button tone="primary" className="justify-self-end" onClick={() => actions.reset.reset()}>
              Done
            </Button>
          </div>
        </Dialog>
      )}
    </>
  );
}

function usePersonActions({ id, email }: AccountDetail, onDone: () => void) {
  const router = useRouter();
  const common = { touches: TOUCHES, onDone };
  return {
    reset: useAction({ ...common, run: () => callAdmin(adminContract.resetPassword, { id }) }),
    factor: useAction({
      ...common,
      run: () => callAdmin(adminContract.removeSecondFactor, { id }),
      done: () => `The second factor of ${email} is removed`,
    }),
    disable: useAction({
      ...common,
      run: () => callAdmin(adminContract.disableAccount, { id }),
      done: () => `${email} is disabled`,
    }),
    enable: useAction({
      ...common,
      run: () => callAdmin(adminContract.enableAccount, { id }),
      done: () => `${email} may sign in again`,
    }),
    delete: useAction({
      ...common,
      run: () => callAdmin(adminContract.deleteAccount, { id }),
      done: () => `The invitation of ${email} is removed`,
      onDone: () => router.replace("/people"),
    }),
  };
}

const questionsOf = ({ email }: AccountDetail, isNew: boolean) => ({
  reset: {
    title: isNew ? `New link for ${email}` : `Reset the password of ${email}`,
    action: isNew ? "Make a new link" : "Reset password",
    text: isNew
      ? "The link that was handed out before opens nothing any more."
      : "The password opens nothing any more, and every sign-in of the account ends. You get a one-time link with which its owner chooses a new one; a second factor stays.",
  },
  factor: {
    title: `Remove the second factor of ${email}`,
    action: "Remove second factor",
    text: "The password alone lets them in then. Do this only for somebody who has told you, in a way that you trust, that phone and recovery codes are gone.",
  },
  disable: {
    title: `Disable ${email}`,
    action: "Disable",
    text: "Every sign-in ends, and tokens, keys and links of the account open nothing from the next request on. What they did stays under their name. You can enable the account again.",
  },
  delete: {
    title: `Remove the invitation of ${email}`,
    action: "Remove",
    text: "The account was never used; its link opens nothing any more.",
  },
});

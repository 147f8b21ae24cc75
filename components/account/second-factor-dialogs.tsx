"use client";

import { useAction } from "@/components/feedback/use-action";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { RecoveryCodeList } from "./recovery-codes";
import { Refusal, readField } from "./set-up-second-factor";

/** New recovery codes for the password; the old ones end. */
export function RenewCodes({ onClose }: { onClose: () => void }) {
  const renew = useAction({
    run: (password: string) => callAdmin(adminContract.renewRecoveryCodes, { password }),
    touches: [],
    quiet: true,
  });
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="New recovery codes">
      {renew.data ? (
        <RecoveryCodeList codes={renew.data.codes} onDone={onClose} />
      ) : (
        <PasswordQuestion
          text="The codes that you have now are worth nothing any more."
          action="Make new codes"
          pending={renew.isPending}
          refusal={renew.error?.message}
          answer={renew.mutate}
        />
      )}
    </Dialog>
  );
}

/** Without it from now on. */
export function TurnOff({ onClose }: { onClose: () => void }) {
  const off = useAction({
    run: (password: string) => callAdmin(adminContract.turnOffSecondFactor, { password }),
    touches: [["me"], ["accounts"]],
    done: () => "Your second factor is off",
    onDone: onClose,
    quiet: true,
  });
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="Turn the second factor off">
      <PasswordQuestion
        text="Your password alone lets you in then, and whoever else learns it."
        action="Turn off"
        isDanger
        pending={off.isPending}
        refusal={off.error?.message}
        answer={off.mutate}
      />
    </Dialog>
  );
}

interface PasswordQuestionProps {
  text: string;
  action: string;
  isDanger?: boolean;
  pending: boolean;
  refusal: string | undefined;
  answer: (password: string) => void;
}

function PasswordQuestion({ text, action, isDanger, pending, refusal, answer }: PasswordQuestionProps) {
  return (
    <form onSubmit={(event) => answer(readField(event, "password"))} className="grid gap-4">
      <p className="text-sm">{text}</p>
      <Field label="Your password">
        {(control) => (
          <Input {...control} name="password" type="password" autoComplete="current-password" required autoFocus />
        )}
      </Field>
      <Refusal text={refusal} />
      <Button tone={isDanger ? "danger" : "primary"} type="submit" pending={pending} className="justify-self-end">
        {action}
      </Button>
    </form>
  );
}

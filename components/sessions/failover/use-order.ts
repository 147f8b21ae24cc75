import { useAction } from "@/components/feedback/use-action";

const touches = [["sessions"], ["agents"], ["recovery-points"], ["overview"]] as const;

/** An order about who is current. The dialog that asks shows a refusal itself and closes when the core has taken the order. */
export function useOrder<O>(run: () => Promise<O>, done: string, onDone: () => void) {
  return useAction<undefined, O>({ run, touches, done: () => done, onDone, onWaiting: onDone, quiet: true });
}

/** What every dialog of an order is handed. */
export interface FlowProps<S> {
  readonly session: S;
  readonly open: boolean;
  readonly onClose: () => void;
}

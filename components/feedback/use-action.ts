"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { toast } from "@/components/ui/toaster";
import { ApiError } from "@/lib/admin/call";

interface ActionOptions<I, O> {
  run: (input: I) => Promise<O>;
  /** Key starts that may have changed. */
  touches: readonly (readonly unknown[])[];
  /** What to say once the core has confirmed it; nothing is shown before. */
  done?: (output: O, input: I) => string;
  onDone?: (output: O, input: I) => void;
  /** It waits for a second person now; that is told already. For closing the dialog that asked. */
  onWaiting?: () => void;
  /** The caller shows the refusal itself, beside the form. */
  quiet?: boolean;
}

const QUEUE = { href: "/two-person", label: "Open the two-person requests" } as const;

/** Something a person asks for. Never optimistic: the screen changes when the core has said so. */
export function useAction<I, O>({ run, touches, done, onDone, onWaiting, quiet }: ActionOptions<I, O>) {
  const client = useQueryClient();
  const mutation = useMutation({
    mutationFn: run,
    onSuccess: async (output, input) => {
      const text = done?.(output, input);
      if (text) toast({ kind: "ok", title: text });
      onDone?.(output, input);
      await Promise.all(touches.map((queryKey) => client.invalidateQueries({ queryKey })));
    },
    onError: async (error) => {
      if (error instanceof ApiError && error.code === "agreement_pending") {
        toast({ kind: "info", title: "It waits for a second person", detail: error.message, link: QUEUE });
        // No failure: what shows one beside its form has nothing to show.
        mutation.reset();
        onWaiting?.();
        return client.invalidateQueries({ queryKey: ["two-person"] });
      }
      if (quiet || (error instanceof ApiError && error.code === "step_up_declined")) return;
      const id = error instanceof ApiError && error.requestId ? ` (request ${error.requestId})` : "";
      toast({ kind: "danger", title: "That did not work", detail: `${error.message}${id}` });
    },
  });
  return mutation;
}

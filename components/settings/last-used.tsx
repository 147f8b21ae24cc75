import { RelativeTime } from "@/components/ui/relative-time";

/** When a token or key was used last, and from where. */
export const LastUsed = ({ at, from }: { at: string | null; from: string }) =>
  at === null ? (
    "never"
  ) : (
    <>
      <RelativeTime at={at} />
      {from && <span className="ml-1.5 text-muted text-xs">{from}</span>}
    </>
  );

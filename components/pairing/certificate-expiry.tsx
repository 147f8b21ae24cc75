import { CircleAlert, TriangleAlert } from "lucide-react";
import { Badge } from "@/components/ui/badge";
import { RelativeTime } from "@/components/ui/relative-time";

/** Certificates renew themselves long before; one this close to its end has failed to. */
const WARN_MS = 7 * 86_400_000;

export function CertificateExpiry({ at }: { at: string | null }) {
  if (!at) return "–";
  const leftMs = new Date(at).getTime() - Date.now();
  if (leftMs <= 0)
    return (
      <Badge tone="danger" icon={CircleAlert}>
        expired <RelativeTime at={at} />
      </Badge>
    );
  if (leftMs < WARN_MS)
    return (
      <Badge tone="warn" icon={TriangleAlert}>
        expires <RelativeTime at={at} />
      </Badge>
    );
  return (
    <span>
      expires <RelativeTime at={at} />
    </span>
  );
}

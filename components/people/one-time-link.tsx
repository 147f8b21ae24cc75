"use client";

import { CodeLine } from "@/components/ui/copy";
import { Notice } from "@/components/ui/notice";
import { RelativeTime } from "@/components/ui/relative-time";
import type { PasswordLink } from "@/lib/engine/accounts/schemas";
import { linkUrl } from "./words";

/** A link to hand over: shown this once. */
export function OneTimeLink({ email, link }: { email: string; link: PasswordLink }) {
  return (
    <div className="grid gap-3">
      <Notice kind="ok" live title={`Hand this link to ${email}`}>
        It is shown this once only. Whoever opens it chooses the password of the account, once; send it by a way that
        only its owner reads. It ends <RelativeTime at={link.expiresAt} />.
      </Notice>
      <CodeLine label="the link">{linkUrl(link.token)}</CodeLine>
    </div>
  );
}

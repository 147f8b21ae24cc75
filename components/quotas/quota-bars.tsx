"use client";

import { Pencil } from "lucide-react";
import { useState } from "react";
import { useMay } from "@/components/shell/me";
import { IconButton } from "@/components/ui/button";
import { adminContract } from "@/lib/admin/contract";
import type { QuotaReport, SubjectQuotas } from "@/lib/engine/quotas/schemas";
import { EditQuota } from "./edit-quota";
import { QuotaBar } from "./quota-bar";
import { METERS } from "./words";

/** Both meters of a tenant or an agent, each with its pencil for those who may use it. */
export function QuotaBars({ subject, quotas }: SubjectQuotas) {
  const may = useMay();
  const [editing, setEditing] = useState<QuotaReport>();
  const now = new Date();
  return (
    <div className="grid gap-4">
      {quotas.map((quota) => (
        <QuotaBar
          key={quota.meter}
          quota={quota}
          now={now}
          actions={
            may(adminContract.setQuota) && (
              <IconButton
                label={`Set the ${METERS[quota.meter].title.toLowerCase()} quota`}
                onClick={() => setEditing(quota)}
              >
                <Pencil aria-hidden />
              </IconButton>
            )
          }
        />
      ))}
      {editing && <EditQuota subject={subject} quota={editing} onClose={() => setEditing(undefined)} />}
    </div>
  );
}

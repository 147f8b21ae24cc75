"use client";

import { LogOut } from "lucide-react";
import { useState } from "react";
import { PagedTable } from "@/components/feedback/paged-table";
import { useAction } from "@/components/feedback/use-action";
import { May } from "@/components/shell/may";
import { Button } from "@/components/ui/button";
import type { Column } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Select } from "@/components/ui/field";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { DoorName } from "@/lib/engine/doors/schemas";
import type { VendorSignIn } from "@/lib/engine/vendor-sign-ins/schemas";
import { vendorSignInsQuery } from "./queries";
import { DOOR_WORDS } from "./words";

/** Who is signed in through the door of another product just now; an administrator may end each. */
export function VendorSignIns() {
  const [door, setDoor] = useState<DoorName>();
  const filter = (
    <Select
      aria-label="Which door"
      className="h-8 w-44 text-xs"
      value={door ?? ""}
      onChange={(event) => setDoor(DoorName.safeParse(event.target.value).data)}
    >
      <option value="">All doors</option>
      {DoorName.options.map((name) => (
        <option key={name} value={name}>
          {DOOR_WORDS[name].product}
        </option>
      ))}
    </Select>
  );
  return (
    <May call="listVendorSignIns">
      <Panel flush title="Sign-ins at these doors" actions={filter}>
        <PagedTable
          options={vendorSignInsQuery(door)}
          what="the sign-ins"
          label="Sign-ins at the doors of other products"
          columns={COLUMNS}
          rowKey={(signIn) => signIn.id}
          empty={<EmptyState icon={LogOut} title="Nobody is signed in there" />}
        />
      </Panel>
    </May>
  );
}

const COLUMNS: readonly Column<VendorSignIn>[] = [
  {
    id: "account",
    header: "Account",
    cell: (signIn) => <span className="wrap-anywhere font-medium">{signIn.account.email}</span>,
  },
  { id: "door", header: "Door", cell: (signIn) => DOOR_WORDS[signIn.door].product },
  { id: "address", header: "From", cell: (signIn) => signIn.address || "–" },
  { id: "used", header: "Last used", cell: (signIn) => <RelativeTime at={signIn.lastUsedAt} /> },
  { id: "expires", header: "Ends", cell: (signIn) => <RelativeTime at={signIn.expiresAt} /> },
  { id: "actions", header: "Actions", align: "right", plain: true, cell: (signIn) => <End signIn={signIn} /> },
];

function End({ signIn }: { signIn: VendorSignIn }) {
  const end = useAction({
    run: () => callAdmin(adminContract.endVendorSignIn, { id: signIn.id }),
    touches: [["vendor-sign-ins"]],
    done: () => `The sign-in of ${signIn.account.email} has ended`,
  });
  return (
    <Button
      size="sm"
      pending={end.isPending}
      aria-label={`End the sign-in of ${signIn.account.email} at ${DOOR_WORDS[signIn.door].product}`}
      onClick={() => end.mutate(undefined)}
    >
      End
    </Button>
  );
}

import { z } from "zod";
import { DoorName } from "@/lib/engine/doors/schemas";
import { Id, Instant, PageInput } from "@/lib/engine/schemas";

/** A sign-in of a client of another vendor's API, as people see it; no secret of it is kept. */
export const VendorSignIn = z.object({
  id: Id,
  door: DoorName,
  account: z.object({ id: Id, email: z.string() }),
  address: z.string(),
  createdAt: Instant,
  lastUsedAt: Instant,
  expiresAt: Instant,
});
export type VendorSignIn = z.infer<typeof VendorSignIn>;

export const ListVendorSignInsInput = PageInput.extend({ door: DoorName.optional() });
export type ListVendorSignInsInput = z.infer<typeof ListVendorSignInsInput>;

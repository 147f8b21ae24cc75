import { queryOptions } from "@tanstack/react-query";
import { pagedOptions } from "@/components/feedback/use-paged";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { DoorName } from "@/lib/engine/doors/schemas";
import type { VendorSignIn } from "@/lib/engine/vendor-sign-ins/schemas";

export const doorsQuery = () =>
  queryOptions({
    queryKey: ["doors"],
    queryFn: ({ signal }) => callAdmin(adminContract.listDoors, {}, signal),
  });

export const vendorSignInsQuery = (door: DoorName | undefined) =>
  pagedOptions<VendorSignIn>(["vendor-sign-ins", door ?? "all"], (cursor, signal) =>
    callAdmin(adminContract.listVendorSignIns, { cursor, door }, signal),
  );

export const accessKeysQuery = () =>
  queryOptions({
    queryKey: ["access-keys"],
    queryFn: ({ signal }) => callAdmin(adminContract.listAccessKeys, {}, signal),
  });

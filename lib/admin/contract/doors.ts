import { z } from "zod";
import { AccessKey, AccessKeyId, CreateAccessKeyInput } from "@/lib/engine/access-keys/schemas";
import { DoorList, SetDoorInput } from "@/lib/engine/doors/schemas";
import { page } from "@/lib/engine/schemas";
import { ListVendorSignInsInput, VendorSignIn } from "@/lib/engine/vendor-sign-ins/schemas";
import { administrators, ById, everyone, Nothing, row } from "./row";

export const doorsContract = {
  listDoors: row({
    method: "GET",
    path: "/doors",
    summary: "The doors of other vendors' APIs: where they are, and which are open.",
    area: "core",
    roles: everyone,
    input: Nothing,
    output: DoorList,
  }),
  setDoor: row({
    method: "PUT",
    path: "/doors/{name}",
    summary: "Open or close a door; it counts from the next request on.",
    area: "core",
    roles: administrators,
    input: SetDoorInput,
    output: DoorList,
  }),
  listVendorSignIns: row({
    method: "GET",
    path: "/vendor-sign-ins",
    summary: "Sign-ins of clients of other vendors' APIs that count now.",
    area: "people",
    roles: administrators,
    input: ListVendorSignInsInput,
    output: page(VendorSignIn),
  }),
  endVendorSignIn: row({
    method: "DELETE",
    path: "/vendor-sign-ins/{id}",
    summary: "End such a sign-in at once.",
    area: "people",
    roles: administrators,
    input: ById,
    output: Nothing,
  }),
  listAccessKeys: row({
    method: "GET",
    path: "/access-keys",
    summary: "Your access keys for signed requests.",
    area: "people",
    roles: everyone,
    reach: "own",
    input: Nothing,
    output: z.object({ items: z.array(AccessKey) }),
  }),
  createAccessKey: row({
    method: "POST",
    path: "/access-keys",
    summary: "Make an access key; its secret is shown once.",
    area: "people",
    roles: everyone,
    reach: "own",
    input: CreateAccessKeyInput,
    output: AccessKey.extend({ secret: z.string() }),
  }),
  deleteAccessKey: row({
    method: "DELETE",
    path: "/access-keys/{id}",
    summary: "End an access key at once.",
    area: "people",
    roles: everyone,
    reach: "own",
    input: z.object({ id: AccessKeyId }),
    output: Nothing,
  }),
} as const;

import { z } from "zod";
import { everyone, vendorRow } from "../../row";
import { GetInput, ListInput, Shown } from "../schemas";

/** Where this API lives on the listener. */
export const BASE = "/api/rest";

/** Resources that can be listed and read; the second word is for people. */
const READABLE = {
  replication_session: "replication sessions",
  replication_rule: "replication rules",
  replication_group: "replication groups, of which there are none",
  policy: "protection policies",
  snapshot_rule: "snapshot rules",
  remote_system: "remote systems",
  volume: "volumes",
  volume_group: "volume groups",
  host_volume_mapping: "volumes mapped to hosts, of which there are none",
  software_installed: "the software that runs",
  cluster: "the cluster",
  job: "orders that came through this API",
} as const;
export type Readable = keyof typeof READABLE;

export const readingRows = (Object.keys(READABLE) as Readable[]).flatMap((resource) => [
  vendorRow({
    name: `list_${resource}`,
    method: "GET",
    path: `${BASE}/${resource}`,
    summary: `A list of ${READABLE[resource]}.`,
    roles: everyone,
    reach: "tenant",
    input: ListInput,
    output: z.array(Shown),
    status: 200,
    handler: async () => (await import("../handlers/reading")).lists(resource),
  }),
  vendorRow({
    name: `get_${resource}`,
    method: "GET",
    path: `${BASE}/${resource}/{id}`,
    summary: `One of ${READABLE[resource]}, by id or name.`,
    roles: everyone,
    reach: "tenant",
    input: GetInput,
    output: Shown,
    status: 200,
    handler: async () => (await import("../handlers/reading")).reads(resource),
  }),
]);

import { z } from "zod";
import { type AnyVendorRow, everyone, vendorRow } from "../../row";
import { JobSessionsInput, Member, NoInput, PageInput, RepositoryInput } from "../schemas";
import { pageOf } from "../values";

const collections = () => import("../handlers/collections");

type Version = "v5" | "v6";

const getRow = (version: Version, name: string, path: string, summary: string) =>
  ({
    name: version === "v5" ? name : `${name}V6`,
    method: "GET",
    path: `/${version}${path}`,
    summary,
    roles: everyone,
    reach: "tenant",
    status: 200,
  }) as const;

/** What this installation is, and what it serves; the same in either version. */
const installationRows = (version: Version): AnyVendorRow[] => [
  vendorRow({
    ...getRow(version, "getServiceInstance", "/ServiceInstance", "This installation."),
    input: NoInput,
    output: z.object({ installationId: z.string(), version: z.string() }),
    handler: async () => (await collections()).getServiceInstance,
  }),
  vendorRow({
    ...getRow(version, "listProxies", "/Proxies", "This core, the proxy of all its repositories."),
    input: NoInput,
    output: z.array(Member),
    handler: async () => (await collections()).listProxies,
  }),
  vendorRow({
    ...getRow(version, "getProxy", "/Proxies/{id}", "This core as a proxy."),
    input: RepositoryInput,
    output: Member,
    handler: async () => (await collections()).getProxy,
  }),
  vendorRow({
    ...getRow(version, "listOrganizations", "/Organizations", "The customers of this core."),
    input: NoInput,
    output: z.array(Member),
    handler: async () => (await collections()).listOrganizations,
  }),
  vendorRow({
    ...getRow(version, "getOrganization", "/Organizations/{id}", "One customer."),
    input: RepositoryInput,
    output: Member,
    handler: async () => (await collections()).getOrganization,
  }),
  vendorRow({
    ...getRow(
      version,
      "getLicensing",
      "/Organizations/{id}/LicensingInformation",
      "Licences of a customer: there are none.",
    ),
    input: RepositoryInput,
    output: z.looseObject({ licensedUsers: z.number(), newUsers: z.number() }),
    handler: async () => (await collections()).getLicensing,
  }),
  vendorRow({
    ...getRow(version, "listLicensedUsers", "/LicensedUsers", "Users of licences: there are none."),
    input: PageInput,
    output: pageOf(Member),
    handler: async () => (await collections()).listLicensedUsers,
  }),
  vendorRow({
    ...getRow(
      version,
      "listObjectStorage",
      "/ObjectStorageRepositories",
      "Repositories in object storage: there are none.",
    ),
    input: NoInput,
    output: z.array(Member),
    handler: async () => (await collections()).listObjectStorage,
  }),
  vendorRow({
    ...getRow(
      version,
      "getObjectStorage",
      "/ObjectStorageRepositories/{id}",
      "One repository in object storage: there is none.",
    ),
    input: RepositoryInput,
    output: Member,
    handler: async () => (await collections()).getObjectStorage,
  }),
];

/** What it does; the same in either version. */
const workRows = (version: Version): AnyVendorRow[] => [
  vendorRow({
    ...getRow(version, "listJobs", "/Jobs", "The agents that this core captures, as jobs."),
    input: NoInput,
    output: z.array(Member),
    handler: async () => (await collections()).listJobs,
  }),
  vendorRow({
    ...getRow(version, "getJob", "/Jobs/{id}", "One agent as a job."),
    input: RepositoryInput,
    output: Member,
    handler: async () => (await collections()).getJob,
  }),
  vendorRow({
    ...getRow(version, "listJobSessions", "/Jobs/{id}/JobSessions", "Captures of an agent, the newest first."),
    input: JobSessionsInput,
    output: pageOf(Member),
    handler: async () => (await collections()).listJobSessions,
  }),
  vendorRow({
    ...getRow(version, "listRestoreSessions", "/RestoreSessions", "Restores, the newest first."),
    input: PageInput,
    output: pageOf(Member),
    handler: async () => (await collections()).listRestoreSessions,
  }),
];

export const collectionRows = (["v5", "v6"] as const).flatMap((version) => [
  ...installationRows(version),
  ...workRows(version),
]);

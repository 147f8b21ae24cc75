/** What a key of a repository says of its file. Pure. */
export type RepositoryFile =
  | { kind: "pack"; tenantId: string; packId: string }
  | { kind: "manifest"; tenantId: string; imageId: string }
  | { kind: "point"; tenantId: string; agentId: string; pointId: string }
  | { kind: "agent"; tenantId: string; agentId: string };

const ID = "([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})";
const PACK = new RegExp(`^t/${ID}/packs/([0-9a-f]{2})/${ID}\\.pack$`);
const MANIFEST = new RegExp(`^t/${ID}/manifests/([0-9a-f]{2})/${ID}\\.manifest$`);
const POINT = new RegExp(`^t/${ID}/points/${ID}/${ID}\\.json$`);
const AGENT = new RegExp(`^t/${ID}/agents/${ID}\\.json$`);
/** Kept beside the records by other parts of the core. */
const OTHER = /^(twincore-repository\.json|(uploads|files|outgoing)\/.+)$/;

/** null: no file that a repository keeps under `t/`. */
export function parseKey(key: string): RepositoryFile | null {
  const [, tenantId = "", second = "", third = ""] = PACK.exec(key) ?? [];
  if (third !== "") return third.endsWith(second) ? { kind: "pack", tenantId, packId: third } : null;
  const point = POINT.exec(key);
  if (point) return { kind: "point", tenantId: point[1] ?? "", agentId: point[2] ?? "", pointId: point[3] ?? "" };
  const agent = AGENT.exec(key);
  if (agent) return { kind: "agent", tenantId: agent[1] ?? "", agentId: agent[2] ?? "" };
  const [, owner = "", folder = "", imageId = ""] = MANIFEST.exec(key) ?? [];
  return imageId !== "" && imageId.endsWith(folder) ? { kind: "manifest", tenantId: owner, imageId } : null;
}

/** Is it a file that Twincore made, of whatever kind? */
export const isOurs = (key: string): boolean => OTHER.test(key) || parseKey(key) !== null;

import { describe, expect, it } from "vitest";
import { matcher } from "@/lib/http/match";
import { operations } from "@/lib/peer/operations";

const ID = "6f1c2a9e-0000-4000-8000-00000000000a";
const rows = operations.flatMap(({ name, method, path, aliases }) =>
  [path, ...(aliases ?? [])].map((one) => ({ name, method, path: one })),
);
const match = matcher(rows, { ignoreCase: true });
const find = (method: string, path: string) => match(method, path.split("/"));
const filled = (path: string): string => (path.split("?")[0] ?? "").replace(/\{\w+\}/g, ID);

describe("the addresses of the contract", () => {
  it.each(rows.map((row) => [row.method, row.path, row.name] as const))(
    "%s %s leads to %s, whatever its ids are",
    (method, path, name) => {
      expect(find(method, filled(path))).toMatchObject({ kind: "found", row: { name } });
      expect(find(method, `${filled(path).toUpperCase()}/`)).toMatchObject({ kind: "found", row: { name } });
    },
  );

  it("a literal first segment wins over an agent's id, at every depth and for every method", () => {
    for (const [method, path, name] of [
      ["GET", `slave/sessions/${ID}/transferredblocks`, "GetVolumeImageTransferredBlocks"],
      ["GET", `slave/${ID}/${ID}/7/transferredblocks`, "GetTransferredBlocksForParticularVolumeImage"],
      ["GET", `slave/${ID}/${ID}/${ID}/committing`, "PokeVolumeImageCommittingProcess"],
      ["POST", `slave/sessions/${ID}/records/keys`, "NegotiateMissingRecords"],
      ["GET", `slave/agents/${ID}/${ID}/${ID}/fileinfo`, "GetRemoteSnapshotFileInfo"],
      ["GET", `slave/agents/${ID}/${ID}/${ID}/connection`, "GetRemoteAgentRepositoryConnectionDescription"],
      ["POST", "directreplication/slave/sessions/new", "StartNewO3EDirectVolumeImageReplicationSession"],
      ["POST", `directreplication/slave/${ID}/${ID}/${ID}`, "SendSnapshotFileScid"],
      ["POST", `directreplication/slave/${ID}/${ID}/${ID}/bitmap`, "SendSnapshotIndividualBitmap"],
      ["POST", `directreplication/slave/${ID}/${ID}/${ID}/o3edata`, "O3EDirectNegotiateData"],
    ] as const)
      expect(find(method, path)).toMatchObject({ kind: "found", row: { name } });
    // Three segments behind "slave": an agent's own addresses, never the session of an agent called "agents".
    expect(find("DELETE", `slave/agents/${ID}/metadataUpdate`)).not.toMatchObject({
      row: { name: "EndVolumeImageReplicationSession" },
    });
    expect(find("GET", `directreplication/slave/${ID}/${ID}/${ID}`)).toEqual({ kind: "wrong-method", allow: ["POST"] });
  });
});

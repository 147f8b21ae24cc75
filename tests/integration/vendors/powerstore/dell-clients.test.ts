import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { hearTargets } from "@/lib/engine/sessions";
import { connectTarget } from "@/lib/jobs/connect-target";
import type { VendorCore } from "../../../support/vendor-core";
import { type Answer, basic, errorOf, toAnswer } from "./client";
import { Systems } from "./systems";

let local: VendorCore;
let remote: VendorCore;

beforeAll(async () => {
  ({ local, remote } = await Systems.start());
});

/** What a minute does on the first system. */
async function minute(): Promise<void> {
  const ctx = local.peer.ctx({ kind: "job", name: "sweep" });
  await local.peer.runPolls();
  for (const name of ["update-metadata", "delete-agent"] as const) await local.peer.runJobs(name);
  await hearTargets(ctx, connectTarget(ctx));
}

/** gopowerstore's wire: Basic, cookie and token on every call, no Content-Type and no Accept, bodies as Go writes them. */
class GoClient {
  private credentials: Record<string, string> = basic("administrator");
  constructor(readonly core: VendorCore) {}

  async query(method: string, path: string, body?: object): Promise<Answer> {
    const headers = { ...basic("administrator"), ...this.credentials, "user-agent": "Go-http-client/1.1" };
    const text = body === undefined ? undefined : Buffer.from(JSON.stringify(body)).toString();
    const answer = await toAnswer(await this.core.call(`/api/rest/${path}`, { method, headers, body: text }));
    const cookie = answer.headers.get("set-cookie")?.split(";")[0];
    const token = answer.headers.get("DELL-EMC-TOKEN");
    if (cookie && token) this.credentials = { cookie, "DELL-EMC-TOKEN": token };
    // That client signs in again and repeats the call without a limit on this status.
    expect(answer.status).not.toBe(403);
    return answer;
  }
}

const POLICY =
  "*,replication_rules(*),snapshot_rules(*),virtual_machines(*),file_systems(*),performance_rules(*),volumes(*),volume_groups(*)";
const GROUP = "*,volumes(*),protection_policy(*),protection_data,location_history,migration_session(*)";
const SESSION =
  "id,state,role,resource_type,local_resource_id,remote_resource_id,remote_system_id,type,storage_element_pairs";

describe("gopowerstore's replication_async_test", () => {
  it("goes through, from its first request to its last", async () => {
    const c = new GoClient(local);
    const far = new GoClient(remote);
    const mark = randomBytes(4).toString("hex");
    const named = (what: string) => `intcsi${mark}-${what}`;
    for (const client of [c, far]) {
      expect((await client.query("GET", "login_session")).body).toHaveLength(1);
      const [software] = (
        await client.query("GET", "software_installed?select=id,is_cluster,release_version,build_version,build_id")
      ).body;
      expect(software).toMatchObject({ is_cluster: true, release_version: expect.stringMatching(/^\d+(\.\d+)+$/) });
    }
    expect((await c.query("GET", "cluster?select=*")).body).toMatchObject([{ id: "0" }]);

    const systems = await c.query(
      "GET",
      "remote_system?select=id,name,description,serial_number,management_address,data_connection_state,data_connections,capabilities&limit=1000&offset=0&order=name",
    );
    expect(systems.body).toHaveLength(1);
    const [{ id: systemId, management_address: address }] = systems.body;
    expect((await c.query("GET", `remote_system/${systemId}?select=id,name,serial_number`)).body.id).toBe(systemId);
    expect((await c.query("GET", `remote_system?management_address=eq.${address}&select=id`)).body).toHaveLength(1);
    expect((await c.query("GET", `remote_system?management_address=inv.${address}&select=id`)).status).toBe(400);

    const rule = await c.query("POST", "replication_rule", {
      name: named("ruletst"),
      rpo: "Fifteen_Minutes",
      remote_system_id: systemId,
    });
    const policy = await c.query("POST", "policy", {
      name: named("pptst"),
      replication_rule_ids: [rule.body.id],
      snapshot_rule_ids: null,
    });
    const group = await c.query("POST", "volume_group", { name: named("vgtst"), protection_policy_id: policy.body.id });
    const volume = await c.query("POST", "volume", {
      name: named("voltst"),
      size: 1_048_576,
      volume_group_id: group.body.id,
    });
    expect([rule, policy, group, volume].map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    const ofVolume = await c.query(
      "GET",
      `volume/${volume.body.id}?select=volume_groups(id,name,protection_policy_id)`,
    );
    expect(ofVolume.body.volume_groups).toEqual([
      { id: group.body.id, name: named("vgtst"), protection_policy_id: policy.body.id },
    ]);

    const poll = () => c.query("GET", `replication_session?local_resource_id=eq.${group.body.id}&select=${SESSION}`);
    await minute();
    const sessions = (await poll()).body;
    expect(sessions).toMatchObject([
      {
        role: "Source",
        resource_type: "volume_group",
        remote_system_id: systemId,
        storage_element_pairs: [{ local_storage_element_id: volume.body.id, storage_element_type: "volume" }],
      },
    ]);

    const seen = await c.query(
      "GET",
      `volume_group/${group.body.id}?select=${GROUP},volume.volume_group_membership(id,name,protection_policy_id,state,protection_data)`,
    );
    expect(seen.body).toMatchObject({
      volumes: [{ id: volume.body.id, size: 1_048_576 }],
      protection_policy: { id: policy.body.id },
    });
    const [pp] = (await c.query("GET", `policy?name=eq.${named("pptst")}&type=eq.Protection&select=${POLICY}`)).body;
    expect([pp.replication_rules.length, pp.volume_groups.length]).toEqual([1, 1]);
    const [rr] = (
      await c.query(
        "GET",
        `replication_rule?name=eq.${named("ruletst")}&select=id,name,rpo,remote_system_id,policies(*)`,
      )
    ).body;
    expect(rr.policies).toHaveLength(1);

    const farGroups = await far.query("GET", `volume_group?name=eq.${named("vgtst")}&select=${GROUP}`);
    expect(farGroups.body).toMatchObject([{ id: group.body.id, is_replication_destination: true }]);

    const left = [
      await c.query("PATCH", `volume_group/${group.body.id}`, { protection_policy_id: "", description: "" }),
      await c.query("POST", `volume_group/${group.body.id}/remove_members`, { volume_ids: [volume.body.id] }),
      await c.query("PATCH", `volume/${volume.body.id}`, { protection_policy_id: "" }),
      await c.query("DELETE", `policy/${policy.body.id}`),
      await c.query("DELETE", `replication_rule/${rule.body.id}`),
    ];
    expect(left.map(({ status, body }) => [status, body])).toEqual(left.map(() => [204, null]));
    for (let i = 0; i < 3; i++) await minute();
    expect((await c.query("DELETE", `volume_group/${group.body.id}`)).status).toBe(204);
    const [gone] = (await far.query("GET", `volume_group?name=eq.${named("vgtst")}&select=${GROUP}`)).body;
    expect((await far.query("DELETE", `volume_group/${gone.id}`)).status).toBe(204);
    expect((await c.query("DELETE", `volume/${volume.body.id}`)).status).toBe(204);
    expect((await poll()).body).toEqual([]);
  });
});

/** PyPowerStore's wire: signs in with Basic before each call, goes on with cookie and token, signs out after it. */
async function py(method: string, path: string, payload?: object, range?: string): Promise<Answer> {
  const common = {
    accept: "application/json",
    "accept-language": "en-US",
    "content-type": "application/json",
    "application-type": "PyPowerStore/3.4.1",
    ...(/^(remote_system|volume_group)/.test(path) ? { "dell-visibility": "internal" } : {}),
  };
  const login = await local.call("/api/rest/login_session", { headers: { ...common, ...basic("engineer") } });
  const cookie = login.headers.get("set-cookie") ?? "";
  const credentials = { cookie, "DELL-EMC-TOKEN": login.headers.get("DELL-EMC-TOKEN") ?? "" };
  const headers = { ...common, ...credentials, ...(range ? { range } : {}) };
  const answer = await toAnswer(await local.call(`/api/rest/${path}`, { method, headers, body: payload }));
  expect(
    (await local.call("/api/rest/logout", { method: "POST", headers: { ...common, ...credentials } })).status,
  ).toBe(204);
  return answer;
}

const SESSION_ALL =
  "id,state,role,resource_type,last_sync_timestamp,local_resource_id,remote_resource_id,remote_system_id,progress_percentage,estimated_completion_timestamp,replication_rule_id,last_sync_duration,next_sync_timestamp,storage_element_pairs,failover_test_in_progress,data_transfer_state,type,error_code,data_connection_state,parent_replication_session_id,local_resource_state,witness_details,state_l10n,role_l10n,resource_type_l10n,data_transfer_state_l10n,type_l10n,data_connection_state_l10n,local_resource_state_l10n,remote_system(id,name),migration_session(id,name),replication_rule(id,name)";

describe("PyPowerStore's calls", () => {
  it("make rule, policy and group, find the session, order its actions and take everything away", async () => {
    const [{ id: systemId }] = (await py("GET", "remote_system?select=id,name")).body;
    expect((await py("POST", `remote_system/${systemId}/query_appliances`)).body).toHaveLength(1);
    expect((await py("POST", `remote_system/${systemId}/verify`)).status).toBe(204);
    const rule = await py("POST", "replication_rule", {
      name: "py rule",
      rpo: "Five_Minutes",
      remote_system_id: systemId,
      alert_threshold: 5,
    });
    expect(
      (
        await py(
          "GET",
          `replication_rule/${rule.body.id}?select=id,name,rpo,remote_system_id,is_replica,alert_threshold,policies(id,name)`,
        )
      ).body,
    ).toMatchObject({ rpo: "Five_Minutes" });
    const wrong = await py("POST", "replication_rule", {
      name: "py",
      rpo: "Five_Minutes",
      remote_system_id: systemId,
      alert_threshold: "5",
    });
    expect(errorOf(wrong)).toEqual([400, "0xE04040030001", "Error"]);
    const policy = await py("POST", "policy", {
      name: "py policy",
      replication_rule_ids: [rule.body.id],
      snapshot_rule_ids: [],
    });
    const group = await py("POST", "volume_group", {
      name: "py group",
      protection_policy_id: policy.body.id,
      is_write_order_consistent: true,
    });
    const volume = await py("POST", "volume", { name: "py volume", size: 1_048_576 });
    expect(
      (await py("POST", `volume_group/${group.body.id}/add_members`, { volume_ids: [volume.body.id] })).status,
    ).toBe(204);
    await minute();

    const listed = (await py("GET", "replication_session?select=id")).body;
    const details = await Promise.all(
      listed.map(({ id }: { id: string }) => py("GET", `replication_session/${id}?select=${SESSION_ALL}`)),
    );
    const session = details.find(({ body }) => body.local_resource_id === group.body.id)?.body;
    expect(session).toMatchObject({
      role: "Source",
      remote_system: { id: systemId },
      replication_rule: { name: "py rule" },
      migration_session: null,
    });
    for (const name of SESSION_ALL.replace(/\(.*?\)/g, "").split(",")) expect(session).toHaveProperty(name);
    const path = `replication_session/${session.id}`;
    // Content-Length: 0 with a JSON content type.
    expect((await py("POST", `${path}/sync`)).status).toBe(204);
    expect((await py("POST", `${path}/pause`)).status).toBe(204);
    expect((await py("POST", `${path}/reprotect`)).status).toBe(422);

    expect(
      (
        await py(
          "GET",
          `host_volume_mapping?volume_id=eq.${volume.body.id}&select=id, host_id, host_group_id,logical_unit_number`,
        )
      ).body,
    ).toEqual([]);
    const described = await py(
      "GET",
      `volume/${volume.body.id}?select=id,name,description,type,wwn,appliance_id,state,size,creation_timestamp,protection_policy_id,performance_policy_id,protection_policy(name,id),performance_policy(name,id),is_replication_destination,migration_session_id,protection_data,location_history,type_l10n,state_l10n,host_group(name,id),host(name,id),volume_groups(name,id)`,
    );
    expect(described.body).toMatchObject({ name: "py volume", volume_groups: [{ name: "py group" }], host: [] });

    const later = await py("PATCH", `remote_system/${systemId}?is_async=true`, { description: "second site" });
    expect(later.status).toBe(202);
    expect(
      (
        await py(
          "GET",
          `job/${later.body.id}?select=id,resource_action,resource_type,resource_id,resource_name,description_l10n,state,start_time,phase,end_time,estimated_completion_time,progress_percentage,parent_id,root_id,user,response_body,step_order,resource_action_l10n,resource_type_l10n,state_l10n,phase_l10n`,
        )
      ).body,
    ).toMatchObject({ state: "COMPLETED", phase: "Completed", resource_id: systemId });
    expect((await py("GET", `remote_system/${systemId}?select=description`)).body).toEqual({
      description: "second site",
    });
    expect((await py("PATCH", `volume_group/${group.body.id}`, { protection_policy_id: "" })).status).toBe(204);
    expect((await py("DELETE", `policy/${policy.body.id}`)).status).toBe(204);
    expect((await py("DELETE", `replication_rule/${rule.body.id}`)).status).toBe(204);
  });
});

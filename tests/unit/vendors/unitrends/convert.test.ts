import { describe, expect, it } from "vitest";
import type { PeerStanding } from "@/lib/engine/pairing/schemas";
import { ThrottleSchedule } from "@/lib/engine/replication-settings/schemas";
import { readCloudCode } from "@/lib/vendors/unitrends/convert/cloud-code";
import { toPending, toSystem, toTarget } from "@/lib/vendors/unitrends/convert/peers";
import { mergeThrottle, toThrottle } from "@/lib/vendors/unitrends/convert/settings";
import {
  numberOf,
  strategyOf,
  systemIdOf,
  toDuration,
  toMegabytes,
  toRemaining,
} from "@/lib/vendors/unitrends/convert/words";
import { Id, Ids, YesOrNo } from "@/lib/vendors/unitrends/input";

const peer: PeerStanding = {
  id: "0192f3a0-0000-7000-8000-000000000001",
  number: 3,
  side: "target",
  state: "pending",
  name: "Harbour",
  host: "192.0.2.7",
  version: "1.2.3",
  coreId: "0192f3a0-0000-7000-8000-00000000000c",
  message: "",
  verificationCode: "ABCD-EFGH",
  tenant: null,
  requestedAt: "2026-11-21T10:00:00.000Z",
  updatedAt: "2026-11-21T10:00:01.500Z",
  lastContactAt: "2026-11-21T10:01:00.000Z",
  isOnline: true,
  sessions: 0,
  pausedHere: 0,
  pausedThere: 0,
  running: 0,
  storage: null,
};
const accepted: PeerStanding = {
  ...peer,
  state: "established",
  tenant: { id: "0192f3a0-0000-7000-8000-00000000000d", name: "Harbour Ltd" },
  sessions: 2,
  storage: { name: "main", freeBytes: 3 * 1024 ** 3, totalBytes: 10 * 1024 ** 3 },
};

describe("a peer in the words of this API", () => {
  it("waits as a request", () => {
    expect(toPending(peer)).toMatchInlineSnapshot(`
      {
        "asset_tag": "0192f3a0-0000-7000-8000-00000000000c",
        "created": "2026-11-21 10:00:00",
        "host": "Harbour",
        "request_id": 3,
        "status": "pending",
        "updated": "2026-11-21 10:00:01",
        "verification_code": "ABCD-EFGH",
      }
    `);
    expect(toSystem(peer)).toMatchObject({ id: -3, request_id: 3, is_pending: true, status: "pending", online: false });
  });

  it("is a source once it is accepted", () => {
    expect(toSystem(accepted)).toMatchInlineSnapshot(`
      {
        "archiving": false,
        "asset_tag": "0192f3a0-0000-7000-8000-00000000000c",
        "created": "2026-11-21 10:00:00",
        "customer_id": "0192f3a0-0000-7000-8000-00000000000d",
        "customer_name": "Harbour Ltd",
        "host": "192.0.2.7",
        "id": 4,
        "is_pending": false,
        "local": false,
        "location_id": null,
        "location_name": "",
        "message": "",
        "name": "Harbour",
        "online": true,
        "registered_assets": 2,
        "replicating": true,
        "request_id": null,
        "role": "Non-Managed Replication Source",
        "status": "available",
        "storage_name": "main",
        "total_mb_free": 3072,
        "total_mb_size": 10240,
        "updated": "2026-11-21 10:00:01",
        "version": "1.2.3",
        "version_status": "",
      }
    `);
  });

  it("is suspended when every session of it is, and only then", () => {
    expect(toSystem({ ...accepted, pausedThere: 1 }).status).toBe("available");
    expect(toSystem({ ...accepted, pausedThere: 1, pausedHere: 1 }).status).toBe("suspended");
    expect(toSystem({ ...accepted, isOnline: false }).status).toBe("not available");
  });

  it("is a target with what its client asks for", () => {
    const target = { ...accepted, side: "source" as const, pausedHere: 2 };
    expect(toTarget(target, { withType: true, withName: true })).toMatchInlineSnapshot(`
      {
        "created": "2026-11-21 10:00:00",
        "host": "192.0.2.7",
        "is_suspended_by_source": true,
        "last_poll": "2026-11-21 10:01:00",
        "name": "Harbour",
        "status": "suspended",
        "suspend_toggled": true,
        "suspend_toggled_by_source": true,
        "type": "replication_target",
        "updated": "2026-11-21 10:00:01",
      }
    `);
    expect(Object.keys(toTarget(target, { withType: false, withName: false }))).not.toContain("type");
    expect(toTarget({ ...target, state: "denied" }, { withType: false, withName: false }).status).toBe("rejected");
  });
});

describe("numbers and words", () => {
  it("keep this core apart from all others", () => {
    for (const number of [1, 2, 700]) {
      expect(systemIdOf(number)).not.toBe(1);
      expect(numberOf(systemIdOf(number))).toBe(number);
    }
  });

  it("say sizes and times as clients show them", () => {
    expect([toMegabytes(1024 ** 2 * 1.5), toMegabytes(1)]).toEqual([1.5, 0]);
    expect([toDuration(0), toDuration(3_725), toDuration(360_000)]).toEqual(["00:00:00", "01:02:05", "100:00:00"]);
    expect([toRemaining(0), toRemaining(61), toRemaining(7_200), toRemaining(93_780)]).toEqual([
      "0m",
      "2m",
      "2h 0m",
      "1d 2h 3m",
    ]);
  });

  it("know strategies by name and number in any spelling, and nothing else", () => {
    expect(["Manual", "maximum_retention", "RECENCY", "1"].map(strategyOf)).toEqual([
      "manual",
      "maximum-retention",
      "recency",
      "maximum-retention",
    ]);
    expect(["3", "", "newest"].map(strategyOf)).toEqual([null, null, null]);
  });

  it("are read as clients write them", () => {
    expect([Id.parse("3"), Id.parse(3)]).toEqual([3, 3]);
    expect(["true", "1", 1, true, "Yes"].map((value) => YesOrNo.parse(value))).toEqual([true, true, true, true, true]);
    expect([Ids.parse(7), Ids.parse("1, 2"), Ids.parse([3, "4"])]).toEqual([[7], [1, 2], [3, 4]]);
    for (const wrong of [0, -1, "1.5", "9".repeat(12), {}, []]) expect(Id.safeParse(wrong).success).toBe(false);
    for (const wrong of ["maybe", 2, null, {}]) expect(YesOrNo.safeParse(wrong).success).toBe(false);
  });
});

describe("a throttle", () => {
  const schedule = ThrottleSchedule.parse({
    bandwidthBytesPerSecond: 123_000,
    timeZone: "UTC",
    windows: [
      { percentage: 25, days: [1], start: "08:00", end: "18:00" },
      { percentage: 0, days: [6], start: "00:00", end: "00:00" },
    ],
  });

  it("shows a line that is none of the list as one more", () => {
    const { bandwidths, throttle, BlockoutPeriod } = toThrottle(schedule);
    expect(bandwidths.filter(({ selected }) => selected)).toEqual([{ name: "Custom", value: 984, selected: true }]);
    expect([throttle.length, BlockoutPeriod.length]).toEqual([1, 1]);
  });

  it("comes back as it was told", () => {
    const told = toThrottle(schedule);
    const bandwidth = told.bandwidths.find(({ selected }) => selected)?.value;
    expect(mergeThrottle(schedule, { throttle: told.throttle, blockouts: told.BlockoutPeriod, bandwidth })).toEqual(
      schedule,
    );
    expect(mergeThrottle(schedule, { bandwidth: 0 }).bandwidthBytesPerSecond).toBeNull();
  });
});

describe("the code of a cloud target", () => {
  const code = (text: string) => Buffer.from(text).toString("base64");
  it("is host, address, port and token", () => {
    expect(readCloudCode(code("vault.example^192.0.2.1^8006^tce_x.y^4"))).toEqual({
      host: "vault.example",
      address: "192.0.2.1",
      port: "8006",
      token: "tce_x.y",
    });
  });

  it("is refused when a part is missing or wrong", () => {
    for (const wrong of ["", "a^b^c", "h^a^port^t^1", "^a^1^t^1", "h^a^1^^1"])
      expect(() => readCloudCode(code(wrong))).toThrow(/auth_code/);
  });
});

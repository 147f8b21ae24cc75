import { expect, it } from "vitest";
import { toVendorTarget } from "@/lib/runtime/listeners/vendor-target";

it.each([
  ["/", "/vendors"],
  ["/?x=1", "/vendors?x=1"],
  ["/api/rest/replication_session", "/vendors/api/rest/replication_session"],
  ["/api/replication/source/?sid=1", "/vendors/api/replication/source?sid=1"],
  ["/v5/BackupRepositories/a%20b", "/vendors/v5/BackupRepositories/a%20b"],
  ["/vendors/x", "/vendors/vendors/x"],
])("%s goes to the vendors' doors as %s", (target, inside) => {
  expect(toVendorTarget(target)).toBe(inside);
});

it.each(["//x", "/a//b", "/../api/v1/me", "/%2e%2e/api", "/a%2Fb", "/a\\b", "https://other/v3", "*", ""])(
  "%s is nobody's address",
  (target) => {
    expect(toVendorTarget(target)).toBeNull();
  },
);

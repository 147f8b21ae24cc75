import { expect, it } from "vitest";
import { toPeerTarget } from "@/lib/runtime/listeners/peer-target";

it.each([
  ["/apprecovery/api/core/x", "/apprecovery/api/core/x"],
  ["/apprecovery/api/core/x/", "/apprecovery/api/core/x"],
  ["/AppRecovery/API/Core/X/?useCredentials=true", "/apprecovery/API/Core/X?useCredentials=true"],
  ["/apprecovery/x?to=/a//b/", "/apprecovery/x?to=/a//b/"],
])("%s goes to the peer door as %s", (target, plain) => {
  expect(toPeerTarget(target)).toBe(plain);
});

it.each([
  "/",
  "/apprecovery",
  "/apprecoveryx/y",
  "/api/v1/me",
  "//apprecovery/x",
  "/apprecovery//x",
  "/apprecovery/../api/v1/me",
  "/apprecovery/%2e%2e/api",
  "/apprecovery/a%2Fb",
  "/apprecovery/a\\b",
  "https://other/apprecovery/x",
  "*",
])("%s does not", (target) => {
  expect(toPeerTarget(target)).toBeNull();
});

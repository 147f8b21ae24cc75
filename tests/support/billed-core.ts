import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { adminContract } from "@/lib/admin/contract";
import { THREE_TENANTS, writeBillingMonths } from "./billing-months";
import { CoreUnderTest } from "./core-under-test";
import { until } from "./until";

export const CLERK = { email: "clerk@msp.example", password: "a month has thirty days" } as const;

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const now = new Date();
// Drafts are made some hours after the end of a tenant's month: on the first two days the month before is billed.
const lastMonth = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - (now.getUTCDate() > 2 ? 1 : 2), 1));
/** The month that is billed. */
export const MONTH = lastMonth.toISOString().slice(0, 7);

export interface BilledCore {
  readonly core: CoreUnderTest;
  readonly tenants: ReadonlyMap<string, string>;
  stop(): Promise<void>;
}

/**
 * A core of an MSP with three months of history of three customers, prices, and a billing clerk. On the fourteenth of the month that is
 * billed nobody measured for six hours.
 */
export async function billedCore(): Promise<BilledCore> {
  const folder = mkdtempSync(path.join(tmpdir(), "twincore-billed-"));
  const core = await CoreUnderTest.start("msp", folder);
  const repository = await core.call(adminContract.createRepository, {
    name: "vault",
    path: path.join(core.home, "vault"),
  });
  const gap = new Date(lastMonth.getTime() + 13 * DAY_MS + 8 * HOUR_MS);
  const tenants = await writeBillingMonths((statement, values) => core.rows(statement, values), {
    repositoryId: repository.id,
    from: new Date(lastMonth.getTime() - 61 * DAY_MS),
    to: new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS),
    tenants: THREE_TENANTS,
    gaps: [[gap, new Date(gap.getTime() + 6 * HOUR_MS)]],
  });
  await setPrices(core, tenants);
  await inviteClerk(core);
  await core.runJob("roll-up-usage");
  await until("drafts of the month", async () => {
    const { items } = await core.call(adminContract.listStatements, { month: MONTH });
    return items.length >= tenants.size && items.every(({ currency }) => currency === "EUR");
  });
  return {
    core,
    tenants,
    stop: async () => {
      await core.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function setPrices(core: CoreUnderTest, tenants: ReadonlyMap<string, string>): Promise<void> {
  const validFrom = new Date(lastMonth.getTime() - DAY_MS).toISOString().slice(0, 7);
  const plan = await core.call(adminContract.createPricePlan, { name: "Standard", currency: "EUR" });
  await core.call(adminContract.setPlanVersion, {
    id: plan.id,
    validFrom,
    minimum: "25",
    rates: [
      { meter: "stored", fromQuantity: "0", unitPrice: "0.045" },
      { meter: "stored", fromQuantity: "1000", unitPrice: "0.038" },
      { meter: "transferred", fromQuantity: "0", unitPrice: "0.01" },
      { meter: "agents", fromQuantity: "0", unitPrice: "4.5" },
    ],
  });
  for (const tenantId of tenants.values())
    await core.call(adminContract.assignPlan, { tenantId, validFrom, planId: plan.id });
}

async function inviteClerk(core: CoreUnderTest): Promise<void> {
  const { link } = await core.call(adminContract.inviteAccount, {
    name: "Clara Clerk",
    email: CLERK.email,
    role: "billing",
    tenantIds: null,
  });
  await core.call(adminContract.redeemPasswordLink, { token: link.token, password: CLERK.password });
}

import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import * as planPreview from "@/lib/engine/plan-preview";
import * as pricePlans from "@/lib/engine/price-plans";
import * as statementMail from "@/lib/engine/statement-mail";
import * as statements from "@/lib/engine/statements";
import * as usage from "@/lib/engine/usage";
import * as usageOutlook from "@/lib/engine/usage-outlook";

/** The rows about usage, prices and statements; `handlers` holds them to the contract. */
export const billingHandlers = {
  listUsage: usage.listUsage,
  listUsageDays: usage.listUsageDays,
  listUsageSamples: usage.listUsageSamples,
  listCorrections: usage.listCorrections,
  addCorrection: usage.addCorrection,

  previewPlan: planPreview.previewPlan,
  listPricePlans: pricePlans.listPricePlans,
  createPricePlan: pricePlans.createPricePlan,
  getPricePlan: pricePlans.getPricePlan,
  updatePricePlan: pricePlans.updatePricePlan,
  setPlanVersion: pricePlans.setPlanVersion,
  deletePlanVersion: pricePlans.deletePlanVersion,
  listTenantPlans: pricePlans.listTenantPlans,
  assignPlan: pricePlans.assignPlan,
  removeTenantPlan: pricePlans.removeTenantPlan,

  listStatements: statements.listStatements,
  getStatement: statements.getStatement,
  getStatementLine: statements.getStatementLine,
  listStatementDays: statements.listStatementDays,
  previewStatement: statements.previewStatement,
  finaliseStatement: statements.finaliseStatement,
  finaliseStatements: statements.finaliseStatements,
  getBillingSettings: statements.getBillingSettings,
  setBillingSettings: statements.setBillingSettings,
  sendStatement: statementMail.sendStatement,
  listStatementDeliveries: statementMail.listStatementDeliveries,
  getStorageOutlook: (ctx: EngineContext) => usageOutlook.getStorageOutlook(ctx),
};

import { PlanPreview, PreviewPlanInput } from "@/lib/engine/plan-preview/schemas";
import { billers, row } from "./row";

export const planPreviewContract = {
  previewPlan: row({
    method: "POST",
    path: "/price-plans/{id}/preview",
    summary: "What a tenant's month would have cost with prices that nobody has set yet; changes nothing.",
    area: "usage",
    roles: billers,
    input: PreviewPlanInput,
    output: PlanPreview,
  }),
} as const;

"use client";

import { Panel } from "@/components/ui/panel";
import { CorrectionTable } from "./correction-table";

/** Every correction of this core. */
export const CorrectionsTab = () => (
  <Panel flush title="Corrections" note="added on a statement's page; never edited, the opposite is another one">
    <CorrectionTable filter={{}} />
  </Panel>
);

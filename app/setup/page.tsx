import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { SetUpForm } from "@/components/set-up/set-up-form";
import { Door } from "@/components/shell/door";
import { engineContext } from "@/lib/context";
import { getCoreSummary } from "@/lib/engine/core";

export const metadata: Metadata = { title: "Set up" };

export default async function SetUpPage() {
  const core = await getCoreSummary(engineContext({ kind: "system" }), {});
  if (!core.needsSetUp) redirect("/sign-in");
  return (
    <Door
      title="Create the administrator"
      note={`of ${core.name}. This account may do everything; there is no default password.`}
    >
      <SetUpForm />
    </Door>
  );
}

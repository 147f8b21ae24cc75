import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { Door } from "@/components/shell/door";
import { noticeOf } from "@/components/sign-in/notices";
import { SignInForm } from "@/components/sign-in/sign-in-form";
import { identityProviderName } from "@/lib/auth/identity-provider";
import { currentAccount } from "@/lib/auth/session";
import { engineContext } from "@/lib/context";
import { getCoreSummary } from "@/lib/engine/core";

export const metadata: Metadata = { title: "Sign in" };

type Asked = Partial<Record<"next" | "refused" | "ended" | "error", string>>;

export default async function SignInPage({ searchParams }: { searchParams: Promise<Asked> }) {
  if (await currentAccount()) redirect("/");
  const core = await getCoreSummary(engineContext({ kind: "system" }), {});
  if (core.needsSetUp) redirect("/setup");
  const asked = await searchParams;
  return (
    <Door title="Sign in" note={`to ${core.name}`}>
      <SignInForm
        next={typeof asked.next === "string" ? asked.next : undefined}
        providerName={identityProviderName()}
        notice={noticeOf(asked)}
      />
    </Door>
  );
}

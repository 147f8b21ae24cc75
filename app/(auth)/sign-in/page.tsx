import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { Door } from "@/components/shell/door";
import { SignInForm } from "@/components/sign-in/sign-in-form";
import { currentAccount } from "@/lib/auth/session";
import { engineContext } from "@/lib/context";
import { getCoreSummary } from "@/lib/engine/core";

export const metadata: Metadata = { title: "Sign in" };

export default async function SignInPage({ searchParams }: { searchParams: Promise<{ next?: string }> }) {
  if (await currentAccount()) redirect("/");
  const core = await getCoreSummary(engineContext({ kind: "system" }), {});
  if (core.needsSetUp) redirect("/setup");
  const { next } = await searchParams;
  return (
    <Door title="Sign in" note={`to ${core.name}`}>
      <SignInForm next={typeof next === "string" ? next : undefined} />
    </Door>
  );
}

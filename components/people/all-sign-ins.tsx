"use client";

import { Panel } from "@/components/ui/panel";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { signInsQuery } from "./queries";
import { SignInList } from "./sign-in-list";

/** Who is signed in with a browser just now. */
export const AllSignIns = () => (
  <Panel flush title="Signed in now" note="ended at once, in whatever browser">
    <SignInList showsAccount options={signInsQuery()} end={(id) => callAdmin(adminContract.endSignIn, { id })} />
  </Panel>
);

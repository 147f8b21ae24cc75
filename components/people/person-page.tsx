"use client";

import { useQuery } from "@tanstack/react-query";
import { QueryView } from "@/components/feedback/query-view";
import { useMe } from "@/components/shell/me";
import { Badge } from "@/components/ui/badge";
import { Facts } from "@/components/ui/facts";
import { PageHeader } from "@/components/ui/page-header";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { AccountDetail } from "@/lib/engine/accounts/schemas";
import { formatNumberOf } from "@/lib/format";
import { Credentials } from "./credentials";
import { PersonActions } from "./person-actions";
import { PersonForm } from "./person-form";
import { accountQuery, signInsQuery } from "./queries";
import { SignInList } from "./sign-in-list";
import { STATE_WORDS } from "./words";

/** One person: what they may do, by what they are let in, and the ways to shut them out. */
export function PersonPage({ id }: { id: string }) {
  return (
    <QueryView query={useQuery(accountQuery(id))} what="this account">
      {(account) => <Person account={account} />}
    </QueryView>
  );
}

function Person({ account }: { account: AccountDetail }) {
  const me = useMe();
  const { label, tone } = STATE_WORDS[account.state];
  return (
    <>
      <PageHeader
        trail={[{ label: "People", href: "/people" }]}
        title={account.name}
        badges={
          <>
            <Badge tone={tone}>{label}</Badge>
            {account.id === me.accountId && <Badge tone="petrol">you</Badge>}
          </>
        }
        description={account.email}
        actions={<PersonActions account={account} isMe={account.id === me.accountId} />}
      />
      <div className="grid gap-4">
        <div className="grid gap-4 lg:grid-cols-2">
          <Panel title="Rights" note="count from the next request on">
            <PersonForm key={`${account.role} ${account.tenants?.length}`} account={account} />
          </Panel>
          <Panel title="How they are let in">
            <Facts items={factsOf(account)} />
          </Panel>
        </div>
        <Panel flush title="Sign-ins" note="browsers that are signed in now">
          <SignInList options={signInsQuery(account.id)} end={(id) => callAdmin(adminContract.endSignIn, { id })} />
        </Panel>
        <Credentials account={account} />
      </div>
    </>
  );
}

function factsOf(account: AccountDetail) {
  const time = (at: string | null, otherwise: string) => (at ? <RelativeTime at={at} /> : otherwise);
  return [
    {
      label: "Password",
      value: account.hasPassword ? (
        <>chosen {account.passwordChangedAt && <RelativeTime at={account.passwordChangedAt} />}</>
      ) : (
        "none"
      ),
    },
    ...(account.linkExpiresAt
      ? [{ label: "One-time link", value: <>not used yet; ends {time(account.linkExpiresAt, "")}</> }]
      : []),
    {
      label: "Second factor",
      value: account.secondFactorAt ? <>on since {time(account.secondFactorAt, "")}</> : "off",
    },
    { label: "Single sign-on", value: account.hasIdentity ? "linked" : "not linked" },
    { label: "Last sign-in", value: time(account.lastSignInAt, "never") },
    { label: "Other doors", value: formatNumberOf(account.vendorSignIns, "sign-in") },
    { label: "Account made", value: time(account.createdAt, "") },
  ];
}

"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { QueryView } from "@/components/feedback/query-view";
import { useAction } from "@/components/feedback/use-action";
import { Button } from "@/components/ui/button";
import { CopyText } from "@/components/ui/copy";
import { Checkbox, Field, Input, Select } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { AgentSummary } from "@/lib/engine/agents/schemas";
import { DemandPairingInput, type PeerProbe } from "@/lib/engine/pairing/schemas";
import { agentChoicesQuery } from "./queries";
import { AgentChoice, NoAgents } from "./send-request-form";
import { touches } from "./words";

type Proof = "token" | "administrator";

/** Pair at once: by a token of the other core, or by name and password of its administrator after its fingerprint was confirmed. */
export function PairNowForm({ target }: { target?: string }) {
  const query = useQuery(agentChoicesQuery());
  return (
    <Panel className="max-w-3xl">
      <QueryView query={query} what="the agents of this core">
        {(page) => (page.items.length === 0 ? <NoAgents /> : <DemandForm agents={page.items} target={target} />)}
      </QueryView>
    </Panel>
  );
}

const SAYINGS: Readonly<Record<string, string>> = {
  targetUrl: "Give the peer address of the other core; it starts with https://.",
  agentIds: "Choose at least one agent.",
  token: "Paste the token that the other core's administrator made.",
  administrator: "Give name and password, and confirm the fingerprint first.",
};

function DemandForm({ agents, target = "" }: { agents: readonly AgentSummary[]; target?: string }) {
  const router = useRouter();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(agents.map((agent) => agent.id)));
  const [proof, setProof] = useState<Proof>("token");
  const [targetUrl, setTargetUrl] = useState(target);
  const [confirmed, setConfirmed] = useState<string | null>(null);
  const [wrong, setWrong] = useState<Readonly<Record<string, string>>>({});
  const pair = useAction({
    run: (input: DemandPairingInput) => callAdmin(adminContract.demandPairing, input),
    touches,
    done: (pairing) =>
      pairing.state === "established"
        ? `Paired with ${pairing.peerName}. Replication starts by itself.`
        : "Asking again",
    onDone: (pairing) => router.push(`/pairing/${pairing.id}`),
    quiet: true,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const { token, email, password } = Object.fromEntries(new FormData(event.currentTarget));
    const shown =
      proof === "token" ? { token } : { administrator: { email, password, expectedFingerprint: confirmed } };
    const input = DemandPairingInput.safeParse({ targetUrl, agentIds: [...chosen], ...shown });
    const issues = input.success ? [] : input.error.issues.map(({ path: [field] }) => String(field));
    setWrong(Object.fromEntries(issues.map((field) => [field, SAYINGS[field] ?? "This is not complete."])));
    if (input.success) pair.mutate(input.data);
  };
  return (
    <form onSubmit={submit} noValidate className="grid max-w-2xl gap-4">
      <Field
        label="Peer address of the other core"
        hint="Its administrator finds it under Settings, or on the empty Pairing page."
        error={wrong.targetUrl}
      >
        {(control) => (
          <Input
            {...control}
            type="url"
            inputMode="url"
            placeholder="https://vault.example.com:8006"
            value={targetUrl}
            onChange={(event) => {
              setTargetUrl(event.target.value);
              setConfirmed(null);
            }}
            autoComplete="off"
          />
        )}
      </Field>
      <AgentChoice agents={agents} chosen={chosen} onChange={setChosen} error={wrong.agentIds} />
      <Field label="What shows that you may">
        {(control) => (
          <Select {...control} value={proof} onChange={(event) => setProof(event.target.value as Proof)}>
            <option value="token">An enrolment token of the other core</option>
            <option value="administrator">Name and password of an administrator there</option>
          </Select>
        )}
      </Field>
      {proof === "token" ? (
        <Field
          label="Enrolment token"
          hint="It names the core that made it: to another machine it is not sent."
          error={wrong.token}
        >
          {(control) => <Input {...control} name="token" autoComplete="off" spellCheck={false} placeholder="tce_…" />}
        </Field>
      ) : (
        <Administrator
          targetUrl={targetUrl}
          confirmed={confirmed}
          onConfirm={setConfirmed}
          wrong={wrong.administrator}
        />
      )}
      {pair.error && (
        <Notice kind="danger" live title="Not paired">
          {pair.error.message}
        </Notice>
      )}
      <div className="flex flex-wrap gap-2">
        <Button tone="primary" type="submit" pending={pair.isPending}>
          Pair now
        </Button>
        <Button asChild tone="ghost">
          <Link href="/pairing">Cancel</Link>
        </Button>
      </div>
    </form>
  );
}

interface AdministratorProps {
  targetUrl: string;
  /** The fingerprint that was confirmed. */
  confirmed: string | null;
  onConfirm: (fingerprint: string | null) => void;
  wrong?: string;
}

/** First who answers there, then the fingerprint, then the password: in this order, because a password cannot be taken back. */
function Administrator({ targetUrl, confirmed, onConfirm, wrong }: AdministratorProps) {
  const probe = useAction({
    run: () => callAdmin(adminContract.probePeer, { targetUrl }),
    touches: [],
    onDone: () => onConfirm(null),
    quiet: true,
  });
  const found = probe.data && isOf(probe.data, targetUrl) ? probe.data : null;
  return (
    <div className="grid gap-4">
      {found ? (
        <Notice kind="info" live title={`${found.name}, version ${found.version}, answers there`}>
          <p>Its fingerprint. Compare it with the one on its Settings page, under “This core”:</p>
          <p className="mt-1">
            <CopyText text={found.caFingerprint} label="fingerprint" />
          </p>
          <Checkbox
            className="mt-2"
            checked={confirmed === found.caFingerprint}
            onChange={(event) => onConfirm(event.target.checked ? found.caFingerprint : null)}
            label="The other core shows the same fingerprint"
          />
        </Notice>
      ) : (
        <div className="grid justify-items-start gap-2">
          <p className="text-sm">The password goes only to the core whose fingerprint you have confirmed.</p>
          <Button pending={probe.isPending} onClick={() => probe.mutate(undefined)}>
            Look who answers
          </Button>
        </div>
      )}
      {probe.error && (
        <Notice kind="danger" live title="That core cannot be paired with">
          {probe.error.message}
        </Notice>
      )}
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="E-mail address of the administrator" error={wrong}>
          {(control) => <Input {...control} name="email" type="email" autoComplete="off" disabled={!confirmed} />}
        </Field>
        <Field label="Password" hint="Used once, kept nowhere.">
          {(control) => <Input {...control} name="password" type="password" autoComplete="off" disabled={!confirmed} />}
        </Field>
      </div>
    </div>
  );
}

function isOf(probe: PeerProbe, targetUrl: string): boolean {
  return URL.canParse(targetUrl) && new URL(targetUrl).origin === probe.targetUrl;
}

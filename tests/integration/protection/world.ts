import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll } from "vitest";
import { databaseOf } from "@/lib/context";
import { createAccount } from "@/lib/engine/accounts";
import type { Role } from "@/lib/engine/accounts/schemas";
import { createAgent } from "@/lib/engine/agents";
import { captureStream } from "@/lib/engine/capture";
import type { Actor, Credential, EngineContext } from "@/lib/engine/context";
import type { SwitchableRule } from "@/lib/engine/protection";
import { createRepository } from "@/lib/engine/repositories";
import { PeerCore } from "@/tests/support/peer-core";

export const PASSWORD = "a long enough password";
const MINUTE_MS = 60_000;

interface Person {
  readonly accountId: string;
  readonly name: string;
  readonly role: Role;
  readonly tenantIds: readonly string[] | null;
}

/** A core with a real repository, and people before it: two administrators, an approver, an engineer, and an approver of another tenant. */
export class ProtectedWorld {
  readonly people = new Map<string, Person>();
  private constructor(
    readonly core: PeerCore,
    readonly repositoryId: string,
  ) {}

  static async start(): Promise<ProtectedWorld> {
    const core = await PeerCore.start("Vault");
    const folder = mkdtempSync(path.join(tmpdir(), "twincore-protection-"));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    const repository = await createRepository(core.ctx(), { name: "main", path: path.join(folder, "main") });
    const world = new ProtectedWorld(core, repository.id);
    await world.addPerson("anna", "administrator");
    await world.addPerson("berta", "administrator");
    await world.addPerson("carl", "approver");
    await world.addPerson("dora", "engineer");
    const stranger = await core.db.prisma.tenant.create({ data: { name: "Somebody else" } });
    await world.addPerson("emil", "approver", [stranger.id]);
    return world;
  }

  get prisma() {
    return this.core.db.prisma;
  }

  async addPerson(name: string, role: Role, tenantIds: string[] | null = null): Promise<void> {
    const email = `${name}@example.com`;
    const { accountId } = await createAccount(this.core.ctx(), { name, email, role, password: PASSWORD });
    if (tenantIds) {
      await this.prisma.account.update({ where: { id: accountId }, data: { allTenants: false } });
      await this.prisma.accountTenant.createMany({ data: tenantIds.map((tenantId) => ({ accountId, tenantId })) });
    }
    this.people.set(name, { accountId, name: email, role, tenantIds });
  }

  /** As a person who proved so many minutes ago to be there; null: never. */
  as(name: string, provenMinutesAgo: number | null = 0): EngineContext {
    const now = Date.now() + this.core.aheadMs;
    const provenAt = provenMinutesAgo === null ? null : new Date(now - provenMinutesAgo * MINUTE_MS);
    return this.with(name, { kind: "browser", id: randomUUID(), provenAt, scopes: null });
  }

  with(name: string, credential: Credential): EngineContext {
    const person = this.people.get(name);
    if (!person) throw new Error(`nobody is called ${name}`);
    const actor: Actor = { kind: "account", ...person, credential };
    return { ...this.core.ctx(actor), db: databaseOf(this.core.db, actor), address: "192.0.2.1" };
  }

  async requireSecondPerson(secondPerson: SwitchableRule[]): Promise<void> {
    const value = { secondPerson };
    await this.prisma.setting.upsert({
      where: { name: "protection" },
      create: { name: "protection", value },
      update: { value },
    });
  }

  /** An agent with one point of real records. */
  async agentWithPoint(): Promise<{ agentId: string; tenantId: string; pointId: string; imageId: string }> {
    const name = `db-${randomUUID().slice(0, 8)}`;
    const volumes = [{ kind: "stream" as const, name: "disk" }];
    const ctx = this.core.ctx();
    const agent = await createAgent(ctx, { name, hostName: "", repositoryId: this.repositoryId, volumes });
    const input = { agentId: agent.id, volumeName: "disk", signal: new AbortController().signal };
    async function* body() {
      yield Buffer.from(name);
    }
    const { recoveryPointId } = await captureStream(ctx, input, body());
    const point = await this.prisma.recoveryPoint.findUniqueOrThrow({
      where: { id: recoveryPointId ?? "" },
      include: { images: true, agent: true },
    });
    const [image] = point.images;
    return { agentId: agent.id, tenantId: point.agent.tenantId, pointId: point.id, imageId: image?.id ?? "" };
  }

  async pairing(): Promise<string> {
    const mark = randomUUID();
    const row = { side: "target", state: "established", peerName: `Harbour ${mark.slice(0, 8)}` } as const;
    const { id } = await this.prisma.pairing.create({
      data: { ...row, requestKeyDigest: Buffer.from(mark), verificationCode: "" },
    });
    return id;
  }
}

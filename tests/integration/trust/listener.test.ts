import { randomBytes, X509Certificate } from "node:crypto";
import { beforeEach, describe, expect, inject, it, onTestFinished } from "vitest";
import { type Database, openDatabase } from "@/lib/db/client";
import { prepareCore } from "@/lib/engine/core";
import { loadAuthority, loadListenerCertificate } from "@/lib/engine/trust";
import { emptyDatabase } from "../../support/database";

const DAY_MS = 24 * 3600_000;
const secret = randomBytes(32);
let nodes: Database[];

beforeEach(async () => {
  const { url, drop } = await emptyDatabase(inject("templateDatabase"));
  nodes = [openDatabase(url, 2), openDatabase(url, 2), openDatabase(url, 2)];
  onTestFinished(async () => {
    await Promise.all(nodes.map((node) => node.close()));
    await drop();
  });
});
const node = (n = 0): Database => {
  const found = nodes[n];
  if (!found) throw new Error("no such node");
  return found;
};
const load = (hosts: string[], options: { n?: number; aheadMs?: number; name?: "web" | "peer" } = {}) =>
  loadListenerCertificate(node(options.n), secret, {
    name: options.name ?? "peer",
    hosts,
    now: new Date(Date.now() + (options.aheadMs ?? 0)),
  });
const leafOf = ({ cert }: { cert: string }) => new X509Certificate(cert);

describe("the first start", () => {
  it("of many nodes at once makes one core, one CA, one listener certificate", async () => {
    const prepared = await Promise.all(nodes.map((db) => prepareCore(db, { name: "Vault", secret })));
    expect(new Set(prepared.map(({ coreId }) => coreId)).size).toBe(1);
    const loaded = await Promise.all(nodes.map((_, n) => load(["127.0.0.1"], { n })));
    expect(new Set(loaded.map(({ cert }) => cert)).size).toBe(1);
    expect(await node().prisma.sealedKey.count()).toBe(2);
  });

  it("makes a CA that may sign leaves only, and keeps it through every later start and change of name", async () => {
    const { coreId } = await prepareCore(node(), { name: "Vault", secret });
    const { pem } = await loadAuthority(node());
    expect((await prepareCore(node(1), { name: "Renamed", secret })).coreId).toBe(coreId);
    expect((await loadAuthority(node(1))).pem).toBe(pem);
    expect((await node().prisma.core.findFirst())?.name).toBe("Renamed");
    const { certificate } = await loadAuthority(node());
    expect(certificate.ca).toBe(true);
    expect((Date.parse(certificate.validTo) - Date.now()) / DAY_MS).toBeGreaterThan(3650);
  });

  it("without it there are no keys, and that is said", async () => {
    await expect(load(["127.0.0.1"])).rejects.toMatchObject({ code: "unavailable" });
  });

  it("no private key lies in the database in the clear", async () => {
    await prepareCore(node(), { name: "Vault", secret });
    await load(["127.0.0.1"]);
    for (const row of await node().prisma.sealedKey.findMany())
      expect(JSON.stringify(Buffer.from(row.sealedKey).toString("latin1"))).not.toContain("PRIVATE");
    await expect(
      loadListenerCertificate(node(1), randomBytes(32), { name: "peer", hosts: ["127.0.0.1"] }),
    ).rejects.toMatchObject({ code: "integrity" });
  });
});

describe("the certificate of a listener", () => {
  beforeEach(() => prepareCore(node(), { name: "Vault", secret }));

  it("is signed by the CA, for servers only, for the hosts that were named, and comes with the CA behind it", async () => {
    const { cert, ca } = await load(["vault.example", "127.0.0.1", "::1"]);
    const leaf = leafOf({ cert });
    expect(leaf.verify(new X509Certificate(ca).publicKey)).toBe(true);
    expect(leaf.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
    expect(leaf.ca).toBe(false);
    expect([leaf.checkHost("vault.example"), leaf.checkIP("127.0.0.1"), leaf.checkIP("::1")]).not.toContain(undefined);
    expect(cert.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(cert.trim().endsWith(ca.trim())).toBe(true);
  });

  it("stays while two thirds of its life last, is renewed in the last, and survives a restart", async () => {
    const hosts = ["127.0.0.1", "::1", "Vault.Example"];
    const first = await load(hosts);
    expect((await load(hosts, { n: 1, aheadMs: 15 * DAY_MS })).cert).toBe(first.cert);
    const second = await load(hosts, { aheadMs: 22 * DAY_MS });
    expect(second.cert).not.toBe(first.cert);
    expect(second.key).not.toBe(first.key);
    expect(second.ca).toBe(first.ca);
    expect(second.notAfter.getTime()).toBeGreaterThan(Date.now() + 45 * DAY_MS);
  });

  it("takes in the name of another node without losing its own: nodes do not replace each other's for ever", async () => {
    await load(["one.example"]);
    const both = await load(["two.example"], { n: 1 });
    expect([leafOf(both).checkHost("one.example"), leafOf(both).checkHost("two.example")]).not.toContain(undefined);
    expect((await load(["one.example"])).cert).toBe(both.cert);
  });

  it("is another for the web listener and for the peer listener", async () => {
    expect((await load(["127.0.0.1"], { name: "web" })).key).not.toBe((await load(["127.0.0.1"])).key);
  });
});

import { hkdfSync } from "node:crypto";
import type { Log } from "@/lib/log";
import { type CoreDatabase, openCoreDatabase } from "./database";
import { type RuntimeState, removeState, takeHome, writeState } from "./home";
import { type Addresses, hostNames, settleAddresses } from "./listen-addresses";
import { POSTGRES_STOP_MS, type RoleEnvironment } from "./messages";
import { type Prepared, prepareDatabase } from "./preparation";
import { RoleProcess } from "./role-process";
import type { Role, Settings } from "./settings";

export interface RunningCore {
  state(): RuntimeState;
  /** Only at the first start of a core: where to create its administrator. */
  setupUrl: string | null;
  /** Lets what is in flight finish, then stops everything; at most ten seconds. */
  stop(): Promise<void>;
}

/**
 * Starts one core: home → addresses → database → migrations → key → core row → roles. Whatever was started is stopped
 * again when a later step fails or `signal` is aborted.
 */
export async function startCore(settings: Settings, root: string, log: Log, signal: AbortSignal): Promise<RunningCore> {
  const undo: (() => Promise<void> | void)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const held = takeHome(settings.home);
    undo.push(() => held.release());
    // One that was killed could not remove its file; nobody should read of processes that are gone.
    removeState(settings.home);
    const addresses = await settleAddresses(settings);
    let tellState = () => {};
    const database = await openCoreDatabase(settings.home, settings.databaseUrl, log, { onRestart: () => tellState() });
    undo.push(() => database.stop(POSTGRES_STOP_MS));
    signal.throwIfAborted();
    const prepared = await prepareDatabase(settings, database.url, root, signal);
    const { applied, setupUrlPath } = prepared;
    if (applied.length > 0) log.info({ applied }, "the database was brought to this version");
    const environment = { settings, database, addresses, prepared };
    const roles = await unlessAborted(startRoles(environment, root, log, undo), signal);
    const state = () => stateOf(environment, roles);
    tellState = () => writeState(settings.home, state());
    return { state, setupUrl: setupUrlPath && `${addresses.web.url}${setupUrlPath}`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Gives up waiting at once; what was started is stopped by the caller. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  return Promise.race([work, aborted]);
}

interface RoleContext {
  settings: Settings;
  database: CoreDatabase;
  addresses: Addresses;
  prepared: Prepared;
}

async function startRoles(
  context: RoleContext,
  root: string,
  log: Log,
  undo: (() => Promise<void> | void)[],
): Promise<RoleProcess[]> {
  const { settings } = context;
  let complete = false;
  const onChange = () => {
    if (complete) writeState(settings.home, stateOf(context, roles));
  };
  const roles = settings.roles.map(
    (role) =>
      new RoleProcess(role, { root, environment: environmentOf(role, context), dev: settings.dev, log, onChange }),
  );
  undo.push(async () => {
    complete = false;
    await Promise.all(roles.map((role) => role.stop()));
    removeState(settings.home);
  });
  await Promise.all(roles.map((role) => role.start()));
  complete = true;
  onChange();
  return roles;
}

function environmentOf(role: Role, { settings, database, addresses, prepared }: RoleContext): NodeJS.ProcessEnv {
  const address = role === "worker" ? addresses.web : addresses[role];
  const own: RoleEnvironment = {
    TWINCORE_PROCESS_ROLE: role,
    TWINCORE_CORE_ID: prepared.coreId,
    TWINCORE_LISTEN_HOST: address.host,
    TWINCORE_LISTEN_PORT: String(address.port),
    TWINCORE_HOST_NAMES: hostNames(addresses).join(","),
    TWINCORE_DEV: settings.dev ? "1" : "",
  };
  return {
    ...process.env,
    ...own,
    NODE_ENV: settings.dev ? "development" : "production",
    NEXT_TELEMETRY_DISABLED: "1",
    // Listeners compile on demand in development, and each needs its own folder for it; tsconfig.json knows these.
    ...(settings.dev && (role === "peer" || role === "vendor") && { NEXT_DIST_DIR: `.next-dev-${role}` }),
    DATABASE_URL: database.url,
    TWINCORE_HOME: settings.home,
    TWINCORE_NAME: settings.name,
    TWINCORE_WEB_URL: addresses.web.url,
    TWINCORE_PEER_URL: addresses.peer.url,
    TWINCORE_VENDOR_URL: settings.roles.includes("vendor") ? addresses.vendor.url : "",
    TWINCORE_LOG_LEVEL: settings.logLevel,
    AUTH_TRUST_HOST: "1",
    NEXTAUTH_SECRET: Buffer.from(
      hkdfSync("sha256", Buffer.from(prepared.secret, "hex"), "", "twincore sign-in", 32),
    ).toString("hex"),
    // Hashing, compression and file work all queue for these threads; four would let one starve the others.
    UV_THREADPOOL_SIZE: process.env.UV_THREADPOOL_SIZE ?? "8",
    // glibc gives each thread an arena of its own, which with codec threads holds 60 to 200 MiB that nobody uses.
    MALLOC_ARENA_MAX: process.env.MALLOC_ARENA_MAX ?? "2",
  };
}

function stateOf({ settings, addresses, database, prepared }: RoleContext, roles: RoleProcess[]): RuntimeState {
  const postgres = database.pid();
  return {
    pid: process.pid,
    name: settings.name,
    coreId: prepared.coreId,
    caPem: prepared.caPem,
    webUrl: settings.roles.includes("web") ? addresses.web.url : null,
    peerUrl: settings.roles.includes("peer") ? addresses.peer.url : null,
    vendorUrl: settings.roles.includes("vendor") ? addresses.vendor.url : null,
    databaseUrl: database.url,
    processes: [
      ...roles.flatMap(({ role, pid }) => (pid ? [{ role, pid }] : [])),
      ...(postgres ? [{ role: "postgres", pid: postgres }] : []),
    ],
  };
}

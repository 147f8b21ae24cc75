// The same work by restic (copy between repositories, over sftp) and rsync (over ssh), with an sshd of our own on loopback.
import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { userInfo } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { findProgram, loopbackBytes, run, settle } from "./commands.mjs";

const CONNECT_MS_MAX = 10_000;

/** What of the others is installed here: { restic, rsync } each true or the name of what is missing. */
export function findOthers() {
  const lacking = (names) => names.find((name) => findProgram(name) === null) ?? null;
  return {
    restic: lacking(["restic", "sshd", "ssh", "ssh-keygen"]),
    rsync: lacking(["rsync", "sshd", "ssh", "ssh-keygen"]),
  };
}

/** An sshd with its own keys and configuration on a free loopback port. Returns { config, stop }. */
export async function startSshd(folder) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const at = (name) => path.join(folder, name);
  for (const name of ["hostkey", "id"]) {
    rmSync(at(name), { force: true });
    rmSync(at(`${name}.pub`), { force: true });
    spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", at(name)]);
  }
  copyFileSync(at("id.pub"), at("authorized_keys"));
  const port = await freePort();
  const hostKey = readFileSync(at("hostkey.pub"), "utf8").split(" ").slice(0, 2).join(" ");
  writeFileSync(at("known_hosts"), `[127.0.0.1]:${port} ${hostKey}\n`);
  writeFileSync(at("sshd_config"), sshdConfig(folder, port));
  writeFileSync(at("config"), sshConfig(folder, port), { mode: 0o600 });
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true });
  const log = openSync(at("sshd.log"), "a");
  const child = spawn(findProgram("sshd"), ["-D", "-e", "-f", at("sshd_config")], { stdio: ["ignore", log, log] });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  process.once("exit", () => child.kill("SIGKILL"));
  await whenListening(port, at("sshd.log"));
  return {
    config: at("config"),
    stop: async () => {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

const sshdConfig = (folder, port) =>
  [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${folder}/hostkey`,
    `AuthorizedKeysFile ${folder}/authorized_keys`,
    "PidFile none",
    "PermitRootLogin yes",
    "StrictModes no",
    "UsePAM no",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "Subsystem sftp internal-sftp",
    "",
  ].join("\n");

const sshConfig = (folder, port) =>
  [
    "Host peer",
    " HostName 127.0.0.1",
    ` Port ${port}`,
    ` User ${userInfo().username}`,
    ` IdentityFile ${folder}/id`,
    " IdentitiesOnly yes",
    ` UserKnownHostsFile ${folder}/known_hosts`,
    " StrictHostKeyChecking yes",
    "",
  ].join("\n");

/** The source repository of restic with one snapshot of each state, as Twincore's capture makes them; not part of what is measured. */
export async function prepareRestic(work, dataset) {
  const restic = resticOf(work);
  rmSync(restic.source, { recursive: true, force: true });
  const disk = path.join(work, "disk.img");
  await run("restic", ["-q", "-r", restic.source, "init"], restic);
  let seconds = 0;
  for (const image of [dataset.before, dataset.after]) {
    rmSync(disk, { force: true });
    spawnSync("cp", ["-l", "--", image, disk]);
    seconds += (await run("restic", ["-q", "-r", restic.source, "backup", disk], restic)).seconds;
  }
  rmSync(disk, { force: true });
  const listed = spawnSync("restic", ["-r", restic.source, "snapshots", "--json"], {
    env: { ...process.env, ...restic.env },
  });
  const snapshots = JSON.parse(listed.stdout.toString()).sort((a, b) => (a.time < b.time ? -1 : 1));
  return { ...restic, ids: snapshots.map((snapshot) => snapshot.short_id), backupSeconds: seconds };
}

function resticOf(work) {
  const env = {
    RESTIC_PASSWORD: "bench",
    RESTIC_FROM_PASSWORD: "bench",
    RESTIC_CACHE_DIR: path.join(work, "restic-cache"),
  };
  return { source: path.join(work, "restic-source"), env, log: path.join(work, "others.log") };
}

/** One round of restic copy: full, 1 % changed, nothing changed. Each { seconds, wireBytes }. */
export async function resticRound(work, ssh, restic) {
  const target = path.join(work, "restic-target");
  rmSync(target, { recursive: true, force: true });
  const remote = ["-o", `sftp.command=ssh -F ${ssh.config} peer -s sftp`, "-r", `sftp:peer:${target}`];
  const copy = (...ids) =>
    timed(() => run("restic", [...remote, "copy", "--from-repo", restic.source, ...ids], restic));
  await run("restic", [...remote, "init", "--from-repo", restic.source, "--copy-chunker-params"], restic);
  const round = { full: await copy(restic.ids[0]), changed: await copy(restic.ids[1]), unchanged: await copy() };
  rmSync(target, { recursive: true, force: true });
  return round;
}

/** One round of rsync: full, 1 % changed (in place, by delta), nothing changed. */
export async function rsyncRound(work, ssh, dataset) {
  const target = path.join(work, "rsync-target.img");
  rmSync(target, { force: true });
  const options = { log: path.join(work, "others.log") };
  const send = (image, ...flags) =>
    timed(() => run("rsync", ["-a", "-e", `ssh -F ${ssh.config}`, ...flags, image, `peer:${target}`], options));
  const delta = ["--inplace", "--no-whole-file"];
  const round = {
    full: await send(dataset.before),
    changed: await send(dataset.after, ...delta),
    unchanged: await send(dataset.after, ...delta),
  };
  rmSync(target, { force: true });
  return round;
}

/** Runs a step on a quiet machine and counts what passed through loopback meanwhile. */
async function timed(step) {
  settle();
  const before = loopbackBytes();
  const { seconds } = await step();
  return { seconds, wireBytes: before === null ? null : loopbackBytes() - before };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function whenListening(port, log) {
  for (const until = Date.now() + CONNECT_MS_MAX; Date.now() < until; await pause(20)) {
    const open = await new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true)).once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    if (open) return;
  }
  throw new Error(`our sshd does not answer on port ${port}; see ${log}`);
}

// Completes package-lock.json: a registry with gaps leaves out packages for other platforms, and then npm ci refuses the
// lock. Adds an entry for each optional package that is asked for and missing, and removes the names of registry hosts.
import { readFileSync, writeFileSync } from "node:fs";

const OS = {
  darwin: "darwin",
  linux: "linux",
  win32: "win32",
  windows: "win32",
  android: "android",
  freebsd: "freebsd",
  openharmony: "openharmony",
  linuxmusl: "linux",
  aix: "aix",
  netbsd: "netbsd",
  openbsd: "openbsd",
  sunos: "sunos",
};
const CPU = {
  x64: "x64",
  arm64: "arm64",
  ia32: "ia32",
  arm: "arm",
  riscv64: "riscv64",
  ppc64: "ppc64",
  s390x: "s390x",
  wasm32: "wasm32",
  loong64: "loong64",
  mips64el: "mips64el",
};

const file = process.argv[2] ?? "package-lock.json";
const lock = JSON.parse(readFileSync(file, "utf8"));
let added = 0;
for (const [where, entry] of Object.entries({ ...lock.packages })) {
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    if (isPresent(where, name)) continue;
    const version = /\d+\.\d+\.\d+(?:-[\w.]+)?/.exec(range)?.[0];
    if (!version) throw new Error(`${where} asks for ${name} ${range}, which names no version.`);
    lock.packages[`node_modules/${name}`] = {
      version,
      ...(entry.dev && { dev: true }),
      optional: true,
      ...platformOf(name),
    };
    added++;
  }
}
for (const entry of Object.values(lock.packages)) delete entry.resolved;
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${file}: ${added} entries added`);

/** As npm looks: beside the asking package first, then one folder further up each time. */
function isPresent(where, name) {
  for (let at = where; ; ) {
    if (lock.packages[`${at ? `${at}/` : ""}node_modules/${name}`]) return true;
    if (!at) return false;
    at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")));
  }
}

function platformOf(name) {
  const words = name.split(/[-/]/);
  const os = [...new Set(words.map((word) => OS[word]).filter(Boolean))];
  const cpu = [...new Set(words.map((word) => CPU[word]).filter(Boolean))];
  const libc = /musl/.test(name) ? ["musl"] : /linux.*-gnu/.test(name) ? ["glibc"] : [];
  return { ...(cpu.length && { cpu }), ...(os.length && { os }), ...(libc.length && { libc }) };
}

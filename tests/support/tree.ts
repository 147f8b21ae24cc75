import { createHash } from "node:crypto";
import { chmodSync, linkSync, mkdirSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";

/** A folder with what folders have: many small files, a large one, links of both kinds, holes, odd names, modes and times. */
export function makeTree(folder: string): void {
  const at = (...parts: string[]) => path.join(folder, ...parts);
  for (const name of ["docs/deep/er", "bin", "empty"]) mkdirSync(at(name), { recursive: true });
  for (let i = 0; i < 300; i++) writeFileSync(at("docs", `note-${i}.txt`), `note ${i}\n`.repeat(i));
  writeFileSync(at("docs/deep/er/large.bin"), Buffer.concat(Array.from({ length: 40_000 }, (_, i) => digest(i))));
  writeFileSync(at("bin/run"), "#!/bin/sh\nexit 0\n");
  chmodSync(at("bin/run"), 0o750);
  linkSync(at("bin/run"), at("bin/run-too"));
  symlinkSync("../bin/run", at("docs/to-run"));
  symlinkSync("nowhere", at("docs/broken"));
  writeFileSync(at("sparse.img"), "begin");
  truncateSync(at("sparse.img"), 3 * 1024 * 1024);
  writeFileSync(at("empty-file"), "");
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/odd `), Buffer.from([0xff, 0x0a, 0x22, 0x5c])]), "odd name\n");
  writeFileSync(at("ümlaut and a very long name ".padEnd(120, "x")), "long name\n");
  utimesSync(at("bin/run"), 1_000_000_000, 1_234_567_890);
}

const digest = (i: number) => createHash("sha256").update(String(i)).digest();

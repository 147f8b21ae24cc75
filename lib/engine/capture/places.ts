import "server-only";
import { realpath } from "node:fs/promises";
import type { BytePath } from "@/lib/engine/folder-images/path";
import type { RecordContext } from "@/lib/engine/records/connection";
import type { FileSource, FileStat } from "./file-source";

/** A folder that holds all of these is the home of a running core: its database changes while it is read, and because of it. */
const HOME_FILES = ["core.lock", "runtime.json"];

/** Folders that a capture must not enter, found by device and inode, so that no link or mount leads into them. */
export class ForbiddenPlaces {
  private constructor(private readonly places: ReadonlyMap<string, string>) {}

  /** All repositories of this core: a capture that read the repository it writes to would never end. */
  static async find(ctx: Pick<RecordContext, "db">, source: FileSource): Promise<ForbiddenPlaces> {
    const repositories = await ctx.db.prisma.repository.findMany({ select: { path: true, name: true } });
    const places = new Map<string, string>();
    for (const { path, name } of repositories) {
      // A repository whose disk is not mounted cannot be walked into either.
      const stat = await realpath(path, { encoding: "latin1" })
        .then((real) => source.stat(real))
        .catch(() => null);
      if (stat) places.set(placeKey(stat), `is the repository "${name}" of this core`);
    }
    return new ForbiddenPlaces(places);
  }

  static readonly none = new ForbiddenPlaces(new Map());

  /** Why this folder must not be entered, or null. */
  reason(stat: FileStat, names: readonly BytePath[]): string | null {
    if (HOME_FILES.every((name) => names.includes(name))) return "is the home folder of a running core";
    return this.places.get(placeKey(stat)) ?? null;
  }
}

const placeKey = (stat: FileStat): string => `${stat.dev}:${stat.ino}`;

/** File systems that the kernel makes up: reading them is meaningless and may never end. Numbers of statfs(2). */
const KERNEL_FILE_SYSTEMS = new Map<number, string>([
  [0x9fa0, "proc"],
  [0x62656572, "sysfs"],
  [0x27e0eb, "cgroup"],
  [0x63677270, "cgroup2"],
  [0x1cd1, "devpts"],
  [0x64626720, "debugfs"],
  [0x74726163, "tracefs"],
  [0x73636673, "securityfs"],
  [0xcafe4a11, "bpf"],
  [0x6165676c, "pstore"],
  [0x19800202, "mqueue"],
  [0x62656570, "configfs"],
  [0x65735543, "fusectl"],
  [0x42494e4d, "binfmt_misc"],
  [0x67596969, "rpc_pipefs"],
  [0xf97cff8c, "selinuxfs"],
  [0x6e736673, "nsfs"],
  [0xde5e81e4, "efivarfs"],
]);

/** The name of the kernel's file system that `path` lies on, or null when it holds real files. */
export async function kernelFileSystem(source: FileSource, path: string): Promise<string | null> {
  const type = await source.fileSystemType(path).catch(() => 0);
  return KERNEL_FILE_SYSTEMS.get(type >>> 0) ?? null;
}

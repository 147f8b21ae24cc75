import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { readSetting, writeSetting } from "@/lib/engine/settings";
import { type DoorList, DoorName, type SetDoorInput } from "./schemas";

/** May clients of this vendor's API call? Asked with each request, so that a change counts at once. */
export async function isDoorOpen(ctx: EngineContext, name: DoorName): Promise<boolean> {
  return !(await readSetting(ctx.db.prisma, "closedDoors")).includes(name);
}

/** All doors, and where they are reached. */
export async function listDoors(ctx: EngineContext): Promise<DoorList> {
  const closed = await readSetting(ctx.db.prisma, "closedDoors");
  return {
    url: ctx.vendorUrl ?? null,
    doors: DoorName.options.map((name) => ({ name, isOpen: !closed.includes(name) })),
  };
}

/** Switches a door on or off; again is no error. A closed door answers nobody; its sign-ins are kept. */
export async function setDoor(ctx: EngineContext, { name, isOpen }: SetDoorInput): Promise<DoorList> {
  await withTransaction(ctx.db, async (tx) => {
    // Two people at two doors must not undo each other.
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended('setting:closedDoors', 0))`;
    const others = (await readSetting(tx, "closedDoors")).filter((door) => door !== name);
    await writeSetting(tx, ctx, "closedDoors", isOpen ? others : [...others, name]);
  });
  return listDoors(ctx);
}

import { describe, expect, it } from "vitest";
import { isRetryable, toTwincoreError } from "@/lib/errors";

/** As Prisma throws while Postgres starts: its own code, and the SQLSTATE inside. */
const prismaError = (code: string, originalCode: string) =>
  Object.assign(new Error("Raw query failed."), { code, meta: { driverAdapterError: { cause: { originalCode } } } });

describe("a database that is away", () => {
  it.each([
    ["P2010", "57P03"],
    ["P2039", "57P01"],
  ])("is unavailable behind Prisma's %s too, so that work is tried again", (code, sqlState) => {
    const error = toTwincoreError(prismaError(code, sqlState));
    expect(error.code).toBe("unavailable");
    expect(isRetryable(error)).toBe(true);
  });

  it("is full when its disk is, and other faults stay internal", () => {
    expect(toTwincoreError(prismaError("P2010", "53100")).code).toBe("storage_full");
    expect(toTwincoreError(prismaError("P2010", "42601")).code).toBe("internal");
  });
});

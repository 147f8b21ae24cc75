import type { PrintedStatement, PrintedUsage, StatementSource } from "@/lib/engine/statements/printed";
import { conflict } from "@/lib/errors";
import { monthSeconds, plain, toAgentMonths, toGb, toGbMonths } from "./figures";

/**
 * The same source, which ends with `conflict` instead of its end when its rows do not come to what its statement says was used: a draft
 * whose days changed while they were read. So nothing goes out whose days do not add up to its lines.
 */
export const checked = (source: StatementSource): StatementSource => ({
  ...source,
  days: () => adding(source.statement, source.days()),
  agents: () => adding(source.statement, source.agents()),
});

async function* adding<T extends PrintedUsage>(
  statement: PrintedStatement,
  batches: AsyncIterable<readonly T[]>,
): AsyncGenerator<readonly T[]> {
  const sums = { stored: 0n, protected: 0n, transferred: 0n, agents: 0n };
  for await (const batch of batches) {
    for (const row of batch) {
      sums.stored += row.storedByteSeconds;
      sums.protected += row.protectedByteSeconds;
      sums.transferred += row.transferredBytes;
      sums.agents += row.agentSeconds;
    }
    yield batch;
  }
  const seconds = monthSeconds(statement);
  const comesTo = {
    stored: toGbMonths(sums.stored, seconds),
    protected: toGbMonths(sums.protected, seconds),
    transferred: toGb(sums.transferred),
    agents: toAgentMonths(sums.agents, seconds),
  };
  for (const { meter, quantity } of statement.usage)
    if (plain(quantity) !== plain(comesTo[meter]))
      throw conflict("The draft was computed anew while it was read. Ask for it again.");
}

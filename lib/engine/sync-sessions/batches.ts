/** Pieces of a stream, each ending before it would hold more than `itemsMax` or weigh more than `weightMax`. */
export async function* inBatches<T>(
  items: AsyncIterable<T>,
  { itemsMax, weightMax, weigh }: { itemsMax: number; weightMax: number; weigh: (item: T) => number },
): AsyncIterable<T[]> {
  let batch: T[] = [];
  let weight = 0;
  for await (const item of items) {
    const heavy = weigh(item);
    if (batch.length > 0 && (batch.length >= itemsMax || weight + heavy > weightMax)) {
      yield batch;
      batch = [];
      weight = 0;
    }
    batch.push(item);
    weight += heavy;
  }
  if (batch.length > 0) yield batch;
}

/** `work` of each item, at most `atOnce` under way, the results in order. The first failure is thrown. */
export async function mapSome<T, R>(items: readonly T[], atOnce: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = new Array(items.length);
  let next = 0;
  const lane = async () => {
    for (let at = next++; at < items.length; at = next++) results[at] = await work(items[at] as T);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane));
  return results;
}

export function groupBy<K, T>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

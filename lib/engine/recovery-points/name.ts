/** A recovery point as people call it: '12 of "db-01", made 2026-11-20 03:00 UTC'. */
export function nameOfPoint(point: {
  readonly sequence: bigint | number;
  readonly label: string;
  readonly createdAt: Date;
  readonly agent: { readonly name: string };
}): string {
  const made = point.createdAt.toISOString().slice(0, 16).replace("T", " ");
  const label = point.label === "" ? "" : ` ("${point.label}")`;
  return `${point.sequence}${label} of "${point.agent.name}", made ${made} UTC`;
}

/** Hours of agents for which nothing was measured. */
export function MissingHours({ hours }: { hours: string }) {
  if (Number(hours) === 0) return <span className="text-muted">no gap</span>;
  return <span className="text-warn">{`${hours.includes(".") ? hours.replace(/\.?0+$/, "") : hours} h`}</span>;
}

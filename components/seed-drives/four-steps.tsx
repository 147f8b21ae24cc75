const STEPS = [
  { title: "Export", text: "Recovery points of a pairing go to a folder here, usually a mounted drive." },
  { title: "Carry", text: "Take the drive to the target. Encrypt it if it may get lost on the way." },
  { title: "Consume", text: "The target checks the signature and every record, and keeps what is sound." },
  { title: "Replicate the rest", text: "The next run sends only what the drive lacked." },
] as const;

/** What a seed drive is for, as the four things that people do with it. */
export function FourSteps() {
  return (
    <ol className="grid gap-2 text-left @md:grid-cols-2">
      {STEPS.map(({ title, text }, at) => (
        <li key={title} className="flex items-start gap-2.5 rounded-md border p-3">
          <span
            className="grid size-6 shrink-0 place-items-center rounded-full bg-petrol-soft font-semibold text-petrol text-xs"
            aria-hidden
          >
            {at + 1}
          </span>
          <span className="min-w-0">
            <span className="block font-medium text-ink text-sm">{title}</span>
            <span className="block text-muted text-xs">{text}</span>
          </span>
        </li>
      ))}
    </ol>
  );
}

import { cn } from "./cn";

/** Two linked cores: the copper one open towards the petrol one, which holds the link. */
export function LogoMark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={cn("size-7", className)} aria-hidden="true" focusable="false">
      <g fill="none" strokeWidth="3.4">
        <path d="M17.2 20.6A6.6 6.6 0 1 1 17.2 11.4" stroke="#e0a06a" strokeLinecap="round" />
        <circle cx="20" cy="16" r="6.6" stroke="#7fd0d6" />
      </g>
      <circle cx="12.5" cy="16" r="1.9" fill="#e0a06a" />
    </svg>
  );
}

/** The mark with the name; on paper the mark keeps its own dark ground. */
export function Logo({ className }: { className?: string }) {
  return (
    <span className={cn("inline-flex items-center gap-2.5", className)}>
      <span className="grid size-8 place-items-center rounded-md bg-[#12303a]">
        <LogoMark />
      </span>
      <span className="font-semibold text-lg tracking-tight">Twincore</span>
    </span>
  );
}

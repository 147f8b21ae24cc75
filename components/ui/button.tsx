import { cva, type VariantProps } from "class-variance-authority";
import { LoaderCircle } from "lucide-react";
import { Slot } from "radix-ui";
import type { ComponentProps } from "react";
import { cn } from "./cn";

const button = cva(
  "inline-flex shrink-0 select-none items-center justify-center gap-1.5 whitespace-nowrap rounded-md font-medium transition-colors aria-disabled:opacity-55 disabled:opacity-55 [&_svg]:shrink-0",
  {
    variants: {
      tone: {
        primary: "bg-petrol text-on-petrol hover:bg-petrol-strong",
        secondary: "border border-line-strong/60 bg-surface text-ink hover:bg-hover",
        ghost: "text-ink hover:bg-hover",
        danger: "bg-danger text-on-danger hover:opacity-90",
        "danger-quiet": "border border-danger/45 text-danger hover:bg-danger-soft",
      },
      size: {
        sm: "h-7 px-2.5 text-xs touch:h-10 touch:px-3 [&_svg]:size-3.5",
        md: "h-8.5 px-3 text-sm touch:h-11 touch:px-4 [&_svg]:size-4",
        lg: "h-10 px-4 text-md touch:h-12 [&_svg]:size-4",
        icon: "size-7.5 touch:size-11 [&_svg]:size-4",
      },
    },
    defaultVariants: { tone: "secondary", size: "md" },
  },
);

export interface ButtonProps extends ComponentProps<"button">, VariantProps<typeof button> {
  /** Renders its child (a link) with the looks of a button. */
  asChild?: boolean;
  /** Keeps the label, shows a spinner, and lets no second press through. */
  pending?: boolean;
}

export function Button({ className, tone, size, asChild, pending, children, onClick, ...props }: ButtonProps) {
  const classes = cn(button({ tone, size }), className);
  if (asChild)
    return (
      <Slot.Root className={classes} {...props}>
        {children}
      </Slot.Root>
    );
  return (
    <button
      type="button"
      {...props}
      className={classes}
      aria-disabled={pending || undefined}
      aria-busy={pending || undefined}
      onClick={pending ? (event) => event.preventDefault() : onClick}
    >
      {pending && <LoaderCircle className="animate-spin" aria-hidden />}
      {children}
    </button>
  );
}

/** A button that is only an icon: its label is what a screen reader and a hovering mouse are told. */
export function IconButton({ label, children, ...props }: Omit<ButtonProps, "size"> & { label: string }) {
  return (
    <Button size="icon" tone="ghost" {...props} aria-label={label} title={label}>
      {children}
    </Button>
  );
}

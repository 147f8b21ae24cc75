import { Compass } from "lucide-react";
import Link from "next/link";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";

export default function NotFound() {
  return (
    <EmptyState
      icon={Compass}
      title="There is no such page"
      action={
        <Button asChild tone="primary">
          <Link href="/">To the overview</Link>
        </Button>
      }
    >
      It may have been removed, or the address is not whole.
    </EmptyState>
  );
}

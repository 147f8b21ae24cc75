import Link from "next/link";
import { Door } from "@/components/shell/door";
import { Button } from "@/components/ui/button";

export default function NotFound() {
  return (
    <Door title="There is no such page" note="It may have been removed, or the address is not whole.">
      <Button asChild tone="primary">
        <Link href="/">To the overview</Link>
      </Button>
    </Door>
  );
}

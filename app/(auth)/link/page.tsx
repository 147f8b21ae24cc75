import type { Metadata } from "next";
import { LinkForm } from "@/components/link/link-form";
import { Door } from "@/components/shell/door";

export const metadata: Metadata = { title: "Choose a password" };

export default function LinkPage() {
  return (
    <Door title="Choose a password">
      <LinkForm />
    </Door>
  );
}

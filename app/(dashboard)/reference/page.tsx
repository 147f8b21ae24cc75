import { redirect } from "next/navigation";

export default function ReferenceStart() {
  redirect("/reference/native");
}

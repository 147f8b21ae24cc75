export { isZero } from "@/lib/engine/records/zero";

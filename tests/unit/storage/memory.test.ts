import { openMemoryStorage } from "@/lib/storage/memory";
import { storageSuite } from "@/tests/storage-suite";

storageSuite("the memory storage", async () => {
  const storage = openMemoryStorage();
  return { storage, reopen: () => storage, close: async () => undefined };
});

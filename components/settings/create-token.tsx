import { CodeLine } from "@/components/ui/copy";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { CreateSecret } from "./create-secret";

export const CreateToken = ({ onClose }: { onClose: () => void }) => (
  <CreateSecret
    what="API token"
    example="nightly pg_dump"
    days="90"
    run={(input) => callAdmin(adminContract.createApiToken, input)}
    touches={[["tokens"]]}
    onClose={onClose}
  >
    {({ token }) => <CodeLine label="the token">{token}</CodeLine>}
  </CreateSecret>
);

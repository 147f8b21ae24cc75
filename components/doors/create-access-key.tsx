import { CreateSecret } from "@/components/settings/create-secret";
import { CodeLine } from "@/components/ui/copy";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";

export const CreateAccessKey = ({ onClose }: { onClose: () => void }) => (
  <CreateSecret
    what="access key"
    example="terraform in the cloud"
    days="365"
    run={(input) => callAdmin(adminContract.createAccessKey, input)}
    touches={[["access-keys"]]}
    onClose={onClose}
  >
    {({ id, secret }) => (
      <>
        <div className="grid gap-1 text-sm">
          <p className="font-medium">Access key</p>
          <CodeLine label="the access key">{id}</CodeLine>
        </div>
        <div className="grid gap-1 text-sm">
          <p className="font-medium">Secret</p>
          <CodeLine label="the secret">{secret}</CodeLine>
        </div>
      </>
    )}
  </CreateSecret>
);

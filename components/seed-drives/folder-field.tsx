import { Field, Input } from "@/components/ui/field";

interface FolderFieldProps {
  hint: string;
  error?: string;
}

/** A folder on this core's machine. */
export const FolderField = ({ hint, error }: FolderFieldProps) => (
  <Field label="Folder" hint={hint} error={error}>
    {(control) => (
      <Input
        {...control}
        name="folder"
        className="font-mono"
        spellCheck={false}
        autoComplete="off"
        placeholder="/mnt/usb-drive"
      />
    )}
  </Field>
);

/** What is wrong with it at first sight. */
export const folderFault = (folder: string): string | undefined =>
  folder.startsWith("/") ? undefined : "Give an absolute path on this core's machine.";

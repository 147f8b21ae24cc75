"use client";

import { ArchiveRestore, Download, HardDrive, type LucideIcon, Radio, FolderTree as TreeIcon } from "lucide-react";
import { useState } from "react";
import { useMay } from "@/components/shell/me";
import { Button } from "@/components/ui/button";
import { CopyText } from "@/components/ui/copy";
import { Facts } from "@/components/ui/facts";
import { Panel } from "@/components/ui/panel";
import { adminContract } from "@/lib/admin/contract";
import type { VolumeImageSummary } from "@/lib/engine/recovery-points/schemas";
import { formatBytes, formatCount } from "@/lib/format";
import { FolderTree } from "./folder-tree";
import { imageAddress } from "./queries";
import { RestoreDialog } from "./restore-dialog";

const KINDS: Readonly<Record<VolumeImageSummary["kind"], { icon: LucideIcon; label: string; download: string }>> = {
  folder: { icon: TreeIcon, label: "Folder", download: "Download as tar" },
  image: { icon: HardDrive, label: "Disk image", download: "Download raw image" },
  stream: { icon: Radio, label: "Stream", download: "Download stream" },
};

/** One volume image: what it is, its files when it is a folder, and the ways to get it back. */
export function ImagePanel({ recoveryPointId, image }: { recoveryPointId: string; image: VolumeImageSummary }) {
  const may = useMay();
  const [restoring, setRestoring] = useState(false);
  const place = { recoveryPointId, imageId: image.id };
  const { icon: Icon, label, download } = KINDS[image.kind];
  const allowed = may(adminContract.startRestore);
  return (
    <Panel
      flush
      title={
        <span className="flex items-center gap-2">
          <Icon className="size-4 text-muted" aria-hidden />
          {image.volumeName}
        </span>
      }
      note={`${label}, ${formatBytes(image.sizeBytes)}`}
      actions={
        allowed && (
          <>
            <Button asChild size="sm">
              <a href={imageAddress(place)} download>
                <Download aria-hidden />
                {download}
              </a>
            </Button>
            <Button size="sm" onClick={() => setRestoring(true)}>
              <ArchiveRestore aria-hidden />
              Restore…
            </Button>
          </>
        )
      }
    >
      <Facts
        className="p-3.5"
        items={[
          { label: "Records", value: formatCount(image.recordCount) },
          ...(image.kind === "folder" ? [{ label: "Entries", value: formatCount(image.entryCount) }] : []),
          { label: "Manifest", value: <CopyText text={image.manifestDigest} label="manifest digest" /> },
        ]}
      />
      {image.kind === "folder" && allowed && (
        <FolderTree place={place} folder="" name={`Files of ${image.volumeName}`} depth={0} />
      )}
      {image.kind === "folder" && !allowed && (
        <p className="px-3.5 py-3 text-muted text-sm">Your role may not look into backups.</p>
      )}
      {restoring && (
        <RestoreDialog recoveryPointId={recoveryPointId} image={image} onClose={() => setRestoring(false)} />
      )}
    </Panel>
  );
}

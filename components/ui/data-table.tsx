"use client";

import { ArrowDown, ArrowUp, ArrowUpDown } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { type KeyboardEvent, type MouseEvent, type ReactNode, useRef } from "react";
import { cn } from "./cn";

export interface Column<T> {
  id: string;
  header: string;
  cell: (row: T) => ReactNode;
  align?: "right";
  /** On a phone it stands without its label: titles, progress bars, actions. */
  plain?: boolean;
  /** On a phone it takes a whole line: bars and sentences. */
  wide?: boolean;
  className?: string;
  /** What pressing its header does, and how it is sorted now. */
  sort?: { direction: "ascending" | "descending" | "none"; onSort: () => void };
}

interface DataTableProps<T> {
  label: string;
  rows: readonly T[];
  rowKey: (row: T) => string;
  columns: readonly Column<T>[];
  /** Where a row leads; its first cell becomes the link. */
  href?: (row: T) => string;
}

/** Rows and columns; cards on a phone. `j` and `k` move between rows, Enter opens one. */
export function DataTable<T>({ label, rows, rowKey, columns, href }: DataTableProps<T>) {
  const body = useRef<HTMLTableSectionElement>(null);
  const router = useRouter();
  const open = (event: MouseEvent, target: Route | undefined) => {
    // What is itself a control answers for itself; a selection of text is no click.
    const control = event.target instanceof Element && event.target.closest("a,button,input,select,label,summary");
    if (target && !control && !getSelection()?.toString()) router.push(target);
  };
  return (
    // biome-ignore-start lint/a11y/noRedundantRoles: laid out as cards, browsers forget that it is a table.
    // biome-ignore-start lint/a11y/useSemanticElements: as above.
    <div className="relative overflow-x-auto">
      <table className="rows" role="table" aria-label={label}>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((column) => (
              <th
                key={column.id}
                role="columnheader"
                scope="col"
                data-align={column.align}
                aria-sort={column.sort?.direction}
                className={column.className}
              >
                {column.sort ? <SortButton header={column.header} sort={column.sort} /> : column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup" ref={body} onKeyDown={(event) => moveFocus(event, body.current)}>
          {rows.map((row) => {
            // A path with an id in it is more than the type of routes can tell; a wrong one shows the page for missing pages.
            const target = href?.(row) as Route | undefined;
            return (
              // Keys work on the link in the first cell; the click on the whole row is a convenience for mice.
              <tr key={rowKey(row)} role="row" data-href={target} onClick={(event) => open(event, target)}>
                {columns.map((column, at) => (
                  <td
                    key={column.id}
                    role="cell"
                    data-label={column.header}
                    data-align={column.align}
                    data-wide={column.wide || undefined}
                    data-plain={column.plain || at === 0 || undefined}
                    className={column.className}
                  >
                    {at === 0 && target ? (
                      <Link href={target} prefetch={false} data-row-link className={cn("font-medium hover:underline")}>
                        {column.cell(row)}
                      </Link>
                    ) : (
                      column.cell(row)
                    )}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
    // biome-ignore-end lint/a11y/useSemanticElements: as above.
    // biome-ignore-end lint/a11y/noRedundantRoles: as above.
  );
}

const ARROWS = { ascending: ArrowUp, descending: ArrowDown, none: ArrowUpDown } as const;

function SortButton({ header, sort }: { header: string; sort: NonNullable<Column<never>["sort"]> }) {
  const Arrow = ARROWS[sort.direction];
  return (
    <button type="button" onClick={sort.onSort} className="inline-flex items-center gap-1 rounded-sm hover:text-ink">
      {header}
      <Arrow className={cn("size-3", sort.direction === "none" && "opacity-45")} aria-hidden />
    </button>
  );
}

function moveFocus(event: KeyboardEvent, body: HTMLElement | null): void {
  if ((event.key !== "j" && event.key !== "k") || event.metaKey || event.ctrlKey || event.altKey) return;
  if (event.target instanceof HTMLElement && event.target.matches("input,textarea,select")) return;
  const links = [...(body?.querySelectorAll<HTMLElement>("[data-row-link]") ?? [])];
  const row = event.target instanceof Element ? event.target.closest("tr") : null;
  const at = links.findIndex((link) => row?.contains(link));
  const next = links[at + (event.key === "j" ? 1 : -1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

"use client";

import type { ReactNode } from "react";

export interface ChartNumbers {
  head: readonly string[];
  rows: readonly (readonly string[])[];
}

/** How the values under the pointer stand: as on any panel, in either theme. */
export const TOOLTIP_STYLE = {
  contentStyle: { background: "var(--surface)", border: "1px solid var(--line)", borderRadius: 7, fontSize: 12 },
  labelStyle: { color: "var(--muted)" },
  itemStyle: { color: "var(--ink)", padding: 0 },
} as const;

interface ChartFrameProps {
  /** What the picture shows, in a sentence, for who cannot see it. */
  summary: string;
  legend: readonly { label: string; colour: string; dashed?: boolean }[];
  children: ReactNode;
  numbers: ChartNumbers;
}

/** A chart with its legend, and the same numbers in a table beneath. */
export function ChartFrame({ summary, legend, children, numbers }: ChartFrameProps) {
  return (
    <figure className="grid min-w-0 gap-2">
      <figcaption className="sr-only">{summary}</figcaption>
      <ul className="flex flex-wrap gap-x-4 gap-y-1 text-muted text-xs">
        {legend.map((item) => (
          <li key={item.label} className="flex items-center gap-1.5">
            <svg viewBox="0 0 18 6" className="h-1.5 w-4.5" aria-hidden="true">
              <line
                x1="0"
                x2="18"
                y1="3"
                y2="3"
                stroke={item.colour}
                strokeWidth="3"
                strokeDasharray={item.dashed ? "5 3" : undefined}
              />
            </svg>
            {item.label}
          </li>
        ))}
      </ul>
      <div aria-hidden="true" className="h-52 min-w-0 [&_.recharts-surface]:outline-none">
        {children}
      </div>
      <details className="group text-sm">
        <summary className="w-fit rounded-sm text-muted text-xs hover:text-ink">The numbers in a table</summary>
        <div className="mt-2 max-h-72 overflow-auto rounded-md border">
          <table className="w-full text-xs">
            <thead className="sticky top-0 bg-sunken text-left">
              <tr>
                {numbers.head.map((title, at) => (
                  <th
                    key={title}
                    scope="col"
                    className={at > 0 ? "px-3 py-1.5 text-right font-medium" : "px-3 py-1.5 font-medium"}
                  >
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {numbers.rows.map((cells) => (
                <tr key={cells[0]} className="border-t">
                  {cells.map((cell, at) => (
                    <td
                      key={numbers.head[at]}
                      className={at > 0 ? "px-3 py-1 text-right" : "whitespace-nowrap px-3 py-1"}
                    >
                      {cell}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

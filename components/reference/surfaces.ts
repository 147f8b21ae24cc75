/** The APIs that have a reference page, in the order of their tabs. */
export const SURFACE_TABS = [
  { surface: "native", label: "Native API" },
  { surface: "peer", label: "Core to core" },
  { surface: "unitrends", label: "Unitrends" },
  { surface: "powerstore", label: "PowerStore" },
  { surface: "cbr", label: "CBR" },
  { surface: "veeam", label: "Veeam" },
] as const;

export type SurfaceName = (typeof SURFACE_TABS)[number]["surface"];

export const isSurface = (text: string): text is SurfaceName => SURFACE_TABS.some(({ surface }) => surface === text);

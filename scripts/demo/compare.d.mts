export function compareTrees(
  left: string,
  right: string,
): Promise<{ files: number; bytes: number; differences: string[] }>;

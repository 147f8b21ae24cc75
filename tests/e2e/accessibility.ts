import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";

const TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"];

/** What is wrong with the page as it stands: rules that it breaks, and whether it scrolls sideways. */
export async function faultsOf(page: Page, path: string, only?: string[]): Promise<string[]> {
  const builder = new AxeBuilder({ page });
  const { violations } = await (only ? builder.withRules(only) : builder.withTags(TAGS)).analyze();
  const { width } = page.viewportSize() ?? { width: 0 };
  const sideways = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  const elements = (nodes: { html: string }[]) => nodes.slice(0, 3).map(({ html }) => html);
  return [
    ...violations.map(({ id, nodes }) => `${path} at ${width} px: ${id}: ${elements(nodes).join(" · ")}`),
    ...(sideways > 0 ? [`${path} at ${width} px: scrolls sideways by ${sideways} px`] : []),
  ];
}

import type { Locator, Page } from "playwright-core";

/** The row of a table that a name begins. */
export function rowOf(page: Page, name: string): Locator {
  return page.getByRole("row").filter({ has: page.getByRole("rowheader", { name, exact: true }) });
}

/** The cell of such a row below the title of a column, once the table is there. */
export async function cellOf(page: Page, row: string, column: string): Promise<Locator> {
  const titles = page.getByRole("table").getByRole("columnheader");
  await titles.filter({ hasText: column }).first().waitFor();
  const index = (await titles.allTextContents()).indexOf(column);
  if (index === -1) throw new Error(`No column has the title ${column}`);
  return rowOf(page, row).locator(":scope > *").nth(index);
}

/** Resolves once a cell has a text, and nothing else. */
export async function cellHas(page: Page, row: string, column: string, text: string): Promise<void> {
  const cell = await cellOf(page, row, column);
  const escaped = text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  await cell.filter({ hasText: new RegExp(`^\\s*${escaped}\\s*$`) }).waitFor();
}

/** Where the links of a part of the page lead to, as they are written. */
export function linksIn(part: Locator): Promise<string[]> {
  return part.getByRole("link").evaluateAll((links) => links.map((link) => link.getAttribute("href") ?? ""));
}

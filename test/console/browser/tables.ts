import type { Locator, Page } from "playwright-core";

/** The row of a table that a name begins. */
export function rowOf(page: Page, name: string): Locator {
  return page.getByRole("row").filter({ has: page.getByRole("rowheader", { name, exact: true }) });
}

/** The cell of such a row below the title of a column, once the table is there. */
export async function cellOf(page: Page, row: string, column: string): Promise<Locator> {
  const title = page
    .getByRole("table")
    .getByRole("columnheader")
    .filter({ hasText: whole(column) })
    .first();
  // Asked at once where it is found: a table may be drawn anew at any moment, and not have the column for one.
  const index = await title.evaluate((found) => [...(found.parentElement?.children ?? [])].indexOf(found));
  return rowOf(page, row).locator(":scope > *").nth(index);
}

/** Resolves once a cell has a text, and nothing else. */
export async function cellHas(page: Page, row: string, column: string, text: string): Promise<void> {
  const cell = await cellOf(page, row, column);
  await cell.filter({ hasText: whole(text) }).waitFor();
}

/** What a text is that is this one, but for space around it. */
function whole(text: string): RegExp {
  const escaped = text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  return new RegExp(`^\\s*${escaped}\\s*$`);
}

/** Where the links of a part of the page lead to, as they are written. */
export function linksIn(part: Locator): Promise<string[]> {
  return part.getByRole("link").evaluateAll((links) => links.map((link) => link.getAttribute("href") ?? ""));
}

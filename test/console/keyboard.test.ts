import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { enqueue, enqueueMany, readQueue } from "../harness/calls/tasks.ts";
import { startServer } from "../harness/server.ts";
import { describeInBrowser, goTo } from "./browser/browser.ts";
import { cellHas } from "./browser/tables.ts";

describeInBrowser("the console by keys alone", (open) => {
  test("one goes from view to view, acts, and sees where one is", async () => {
    await using server = await startServer();
    await enqueueMany(server, 2, { queue: "mail" });
    const page = await open(server);
    await cellHas(page, "mail", "Waiting", "2");

    await tabTo(page, "Skip to the content");
    await page.keyboard.press("Enter");
    await tabTo(page, "Pause mail");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "Pause queue mail?" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    // The focus is back where it was.
    expect(await focused(page)).toBe("Pause mail");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await tabTo(page, "Pause");
    await page.keyboard.press("Enter");
    await cellHas(page, "mail", "State", "paused");
    expect((await readQueue(server, "mail")).paused).toBe(true);

    await tabTo(page, "2 pending tasks of mail", "Shift+Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Tasks" }).waitFor();
    // What is read aloud begins with the new view.
    await page.locator("main:focus").waitFor();
    await enqueue(server, { queue: "mail" });
    await page.getByRole("table").locator("tbody tr").nth(2).waitFor();
    await page.goBack();
    await page.getByRole("heading", { name: "Now" }).waitFor();
  });

  test("a question does not stay where one goes elsewhere, and what is read aloud begins with the new view", async () => {
    await using server = await startServer();
    await enqueue(server, { queue: "mail" });
    const page = await open(server);
    await page.getByRole("button", { name: "Pause mail" }).click();
    await page.getByRole("dialog", { name: "Pause queue mail?" }).waitFor();
    await goTo(page, "#/workers");
    await page.locator("main:focus").waitFor();
    expect(await page.getByRole("dialog").count()).toBe(0);
    expect((await readQueue(server, "mail")).paused).toBe(false);
  });
});

/** Presses a key until something with a name has the focus, and sees that each that has it on the way shows so. */
async function tabTo(page: Page, name: string, key = "Tab"): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press(key);
    expect(await isFocusShown(page), await focused(page)).toBe(true);
    if ((await focused(page)) === name) return;
  }
  throw new Error(`No way leads to ${name} by ${key}`);
}

/** Whether one sees what has the focus: it is on the screen, and has an outline. The body has none: the browser's own bar has it then. */
function isFocusShown(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (element === null || element === document.body) return true;
    const { width, height } = element.getBoundingClientRect();
    return width > 0 && height > 0 && getComputedStyle(element).outlineStyle !== "none";
  });
}

/** The name of what has the focus. */
function focused(page: Page): Promise<string> {
  return page.evaluate(
    () => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent?.trim() ?? "",
  );
}

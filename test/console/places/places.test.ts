import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { startServer } from "../../harness/server.ts";
import { axeFindings } from "../browser/axe.ts";
import { describeInBrowser, goTo } from "../browser/browser.ts";
import { patienceMs } from "../browser/chromium.ts";
import { fillWithHostileTexts, hostileBeginning } from "./hostile-data.ts";

/** The first parts of the paths of all views. */
const views = [...readFileSync("console/src/views/views.ts", "utf8").matchAll(/\{ path: "([^"]+)"/g)].map(
  ([, path = ""]) => path,
);
/** Where texts of tasks, events, workflows and workers are shown in full. */
const showsTexts = ["tasks", "task", "failures", "workflow", "events", "event", "subscription", "service"];

const wide = { width: 1280, height: 800 };
const narrow = { width: 320, height: 640 };

describeInBrowser("every place of the console", (open) => {
  test("with hostile texts in every field: they stay texts and fit a narrow screen, and axe finds nothing grave", async () => {
    await using server = await startServer();
    const places = await fillWithHostileTexts(server);
    expect(views.filter((path) => !places.some((place) => viewOf(place) === path))).toEqual([]);
    // Some places are of what there is not.
    const page = await open(server, { viewport: wide, expected: [/status of 40[04]/] });
    const found: string[] = [];
    const shown = new Set<string>();
    for (const place of places) {
      await arriveAt(page, place);
      const { text, links } = await contentOf(page);
      if (text.includes(hostileBeginning)) shown.add(viewOf(place));
      found.push(...unseenIn(text).map((character) => `${place} shows ${character}`));
      const foreign = links.filter((link) => !/^(#|\.\/)/.test(link));
      found.push(...foreign.map((link) => `${place} leads to ${link}`));
      found.push(...(await axeFindings(page)).map((finding) => `${place}: ${finding}`));
      for (const size of [wide, narrow]) {
        await page.setViewportSize(size);
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        if (width > size.width) found.push(`${place} is ${width} wide at ${size.width}: ${await widestIn(page)}`);
      }
      await page.setViewportSize(wide);
    }
    expect(found).toEqual([]);
    expect(showsTexts.filter((view) => !shown.has(view))).toEqual([]);
    await page.context().close();
  });
});

function viewOf(place: string): string {
  return place.split(/[/?]/)[1] ?? "";
}

/** Goes somewhere, and waits until that is read. */
async function arriveAt(page: Page, place: string): Promise<void> {
  await goTo(page, place);
  await page.locator("main > :not(:empty)").first().waitFor();
  // A view may read several things.
  const loading = page.locator("main").getByText(/^Loading/);
  await expect.poll(() => loading.count(), { timeout: patienceMs }).toBe(0);
}

function contentOf(page: Page): Promise<{ readonly text: string; readonly links: readonly string[] }> {
  return page.evaluate(() => ({
    text: document.body.innerText,
    links: [...document.querySelectorAll("[href]")].map((link) => link.getAttribute("href") ?? ""),
  }));
}

/** The characters of a text that are not seen and change what is. */
function unseenIn(text: string): string[] {
  const found = new Set(text.match(/(?![\t\n])\p{Cc}|\p{Bidi_Control}|\u200b/gu));
  return [...found].map((character) => `U+${character.codePointAt(0)?.toString(16)}`);
}

/** The innermost elements that are wider than the page, apart from what scrolls by itself. */
function widestIn(page: Page): Promise<string> {
  return page.evaluate(() => {
    const scrolls = (element: Element) => getComputedStyle(element).overflowX !== "visible";
    const isOut = (element: Element) => {
      for (let at = element.parentElement; at !== null; at = at.parentElement) if (scrolls(at)) return false;
      return element.getBoundingClientRect().right > innerWidth + 1;
    };
    const out = [...document.querySelectorAll("body *")].filter(isOut);
    const innermost = out.filter((element) => !out.some((other) => other !== element && element.contains(other)));
    return innermost.map((element) => `${element.outerHTML.slice(0, 120)}`).join("; ");
  });
}

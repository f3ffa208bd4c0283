import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, onTestFinished } from "vitest";
import { launchBrowser, missing, patienceMs } from "./chromium.ts";
import { watchFindings } from "./findings.ts";

/** How a page is opened. */
export interface PageOptions extends Pick<BrowserContextOptions, "viewport" | "colorScheme" | "permissions"> {
  /** Where it begins, as a fragment. Default: `#/now`. */
  readonly at?: string;
  /** The path below which a proxy serves the server: `/sitq`. Default: none. */
  readonly below?: string;
  /** Errors of the page's console that the test causes, such as the status of a refused call: `/status of 403/`. Default: none. */
  readonly expected?: readonly RegExp[];
}

/** Opens the console of a server in a context of its own: without cookies, storage and pages of other tests. It ends with the test. */
export type OpenPage = (server: { readonly address: string }, options?: PageOptions) => Promise<Page>;

/** A `describe` of tests that need Chromium; without it they are skipped and say so, but in CI they fail. */
export function describeInBrowser(name: string, body: (open: OpenPage) => void): void {
  if (missing !== null) process.stderr.write(`SKIPPED: ${name}: ${missing}\n`);
  describe.skipIf(missing !== null && !process.env.CI)(name, () => body(shareBrowser()));
}

/**
 * One browser for all tests of a file. A test fails where one of its pages had an error in its console, a script that threw, something
 * that its Content-Security-Policy forbids, or a request to another origin.
 */
function shareBrowser(): OpenPage {
  let browser: Browser | null = null;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  return async (server, { at = "#/now", below = "", expected = [], ...options } = {}) => {
    if (browser === null) throw new Error("The browser is there once the tests run");
    const { origin, href } = new URL(`http://${server.address}${below}/console/${at}`);
    // What is looked at must not be on its way from one colour to another.
    const context = await browser.newContext({ reducedMotion: "reduce", ...options });
    context.setDefaultTimeout(patienceMs);
    const findings = await watchFindings(context, origin);
    onTestFinished(async () => {
      await context.close();
      const unexpected = findings.filter((text) => !expected.some((pattern) => pattern.test(text)));
      if (unexpected.length > 0) throw new Error(`The page had errors:\n${unexpected.join("\n")}`);
    });
    const page = await context.newPage();
    await page.goto(href);
    return page;
  };
}

/** Goes to another place of the console, as by a link. */
export async function goTo(page: Page, fragment: string): Promise<void> {
  await page.goto(new URL(fragment, page.url()).href);
}

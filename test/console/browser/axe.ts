import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { CDPSession, Page } from "playwright-core";
import { expect } from "vitest";

const scriptPath = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** The impacts that must not be found. */
const grave: ReadonlySet<string> = new Set(["serious", "critical"]);

interface Finding {
  readonly rule: string;
  readonly impact: string;
  readonly help: string;
  readonly elements: readonly string[];
}

/** Expects that axe finds nothing serious or critical in the page as it is now, in light and in dark. */
export async function expectNoAxeFindings(page: Page): Promise<void> {
  expect(await axeFindings(page), page.url()).toEqual([]);
}

/**
 * What axe finds in the page as it is now, in light and in dark, that is serious or critical. Its script goes in by the protocol of the
 * browser's debugger, since the page's policy lets in no other.
 */
export async function axeFindings(page: Page): Promise<string[]> {
  const debug = await page.context().newCDPSession(page);
  try {
    await debug.send("Runtime.evaluate", { expression: await readFile(scriptPath, "utf8") });
    const found: string[] = [];
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      const findings = (await runAxe(debug)).filter(({ impact }) => grave.has(impact));
      found.push(
        ...findings.map(({ rule, help, elements }) => `${rule} in ${colorScheme}: ${help}: ${elements.join("; ")}`),
      );
    }
    return found;
  } finally {
    await page.emulateMedia({ colorScheme: null });
    await debug.detach();
  }
}

async function runAxe(debug: CDPSession): Promise<Finding[]> {
  const { result, exceptionDetails } = await debug.send("Runtime.evaluate", {
    expression: `axe.run({ resultTypes: ["violations"] }).then(({ violations }) => violations.map(({ id, impact, help, nodes }) => ({
      rule: id, impact: impact ?? "", help, elements: nodes.map(({ html, failureSummary }) => html.slice(0, 200) + " " + failureSummary),
    })))`,
    awaitPromise: true,
    returnByValue: true,
  });
  if (exceptionDetails !== undefined)
    throw new Error(`axe failed: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
  return result.value;
}

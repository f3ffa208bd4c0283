import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { describeInBrowser } from "./browser.ts";
import { launchBrowser } from "./chromium.ts";
import { watchFindings } from "./findings.ts";

const csp = "default-src 'none'; script-src 'self'; img-src http:; require-trusted-types-for 'script'";

/** The script of a page that does all that no page of the console may do. */
const script = `
  const image = new Image();
  image.src = "http://localhost:9/spy.png";
  try { document.body.innerHTML = "<b>markup</b>"; } catch {}
  document.body.append(Object.assign(document.createElement("iframe"), { src: "/frame" }));
  console.warn("a warning");
  console.error("an error");
  setTimeout(() => { document.title = "over"; throw new Error("thrown"); }, 0);
`;

describeInBrowser("what must not happen in a page", () => {
  test("errors, scripts that throw, what the policy forbids and requests to other origins are found", async () => {
    const server = createServer(({ url }, answer) => {
      answer.setHeader("content-security-policy", csp);
      answer.setHeader("content-type", url === "/page.js" ? "text/javascript" : "text/html");
      answer.end(url === "/page.js" ? script : '<!doctype html><body><script src="/page.js"></script>');
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const browser = await launchBrowser();
    try {
      const context = await browser.newContext();
      const findings = await watchFindings(context, origin);
      const page = await context.newPage();
      const thrown = context.waitForEvent("weberror", (webError) => webError.error().message === "thrown");
      await page.goto(origin);
      await thrown;
      const found = (text: string) => findings.filter((finding) => finding.includes(text));
      expect(found("http://localhost:9/spy.png")).toHaveLength(1);
      expect(found("require-trusted-types-for").length).toBeGreaterThan(0);
      expect(found("frame-src").length).toBeGreaterThan(0);
      expect(found("an error")).toHaveLength(1);
      expect(found("not caught: Error: thrown")).toHaveLength(1);
      expect(found("a warning")).toEqual([]);
    } finally {
      await browser.close();
      server.close();
      server.closeAllConnections();
    }
  });
});

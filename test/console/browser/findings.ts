import type { BrowserContext, ConsoleMessage } from "playwright-core";

/** A server that a test stops, or a connection that it cuts. The page shows that itself; no page can prevent the message. */
const lostConnection = /^Failed to load resource: net::ERR_/;

/** Collects what must not happen in the pages of a context, as it happens. */
export async function watchFindings(context: BrowserContext, origin: string): Promise<readonly string[]> {
  const findings: string[] = [];
  context.on("console", (message) => {
    if (message.type() !== "error" || lostConnection.test(message.text())) return;
    findings.push(`in the console: ${message.text()}${placeOf(message)}`);
  });
  context.on("weberror", (webError) => {
    const error = webError.error();
    findings.push(`not caught: ${error.stack ?? error.message}`);
  });
  context.on("request", (request) => {
    const url = new URL(request.url());
    // A file that the page made itself is not of the network.
    if (url.protocol !== "blob:" && url.origin !== origin) findings.push(`a request to another origin: ${url.href}`);
  });
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sample }) => {
      reportError(new Error(`forbidden by the Content-Security-Policy: ${effectiveDirective} ${blockedURI} ${sample}`));
    });
  });
  return findings;
}

function placeOf(message: ConsoleMessage): string {
  const { url } = message.location();
  return url === "" ? "" : ` (${url})`;
}

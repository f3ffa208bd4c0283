import { spawn } from "node:child_process";
import type { Shell } from "../terminal/shell.ts";

/** What opens an address in the browser that the user has chosen. */
const openers: Readonly<Partial<Record<NodeJS.Platform, readonly [command: string, ...args: string[]]>>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};

/** Opens an address in a browser, and does not wait for it. A machine without one is no failure: the address stands there to be opened. */
export async function openBrowser(url: string, { environment, stderr }: Shell): Promise<void> {
  const [command, ...args] = openers[process.platform] ?? ["xdg-open"];
  const child = spawn(command, [...args, url], { detached: true, stdio: "ignore", env: { ...environment } });
  child.unref();
  const { promise, resolve } = Promise.withResolvers<void>();
  child.once("spawn", resolve);
  child.once("error", () => {
    stderr.write(`warning: there is no ${command} to open a browser with\n`);
    resolve();
  });
  await promise;
}

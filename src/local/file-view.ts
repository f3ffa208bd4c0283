import { type App, startApp } from "../app.ts";
import { readConfig } from "../config/config.ts";
import type { HostPort } from "../contract/host-port.ts";
import { systemClock } from "../domain/clock.ts";
import { createLog } from "../log.ts";
import { openStoreReadOnly } from "../open-store.ts";

/**
 * Starts a server that shows a file, and changes nothing of it: the same contract and console, without authentication, and without
 * anything that runs. The settings of the environment are those of a server, and do not count.
 *
 * @param listen a loopback address; port 0 takes a free one
 * @throws StoreRefused if the file cannot be shown, ListenError if the address cannot be taken
 */
export function startFileView(dbPath: string, listen: HostPort): Promise<App> {
  const log = createLog({ level: "warn", format: "text", clock: systemClock });
  const config = { ...readConfig({}, {}), dbPath, listen, metrics: "off" as const };
  return startApp({ config, log, openStore: openStoreReadOnly });
}

import { type Running, startProcess } from "../process.ts";
import type { ServiceName } from "./order.ts";

/** Starts a service; `said` is where it answers for its health, if it does. */
export function startService(name: ServiceName, address: string): Promise<Running> {
  const file = new URL("./service.ts", import.meta.url);
  return startProcess(file, [name], /^ready ?(.*)/, { env: { SITQ_ADDRESS: address } });
}

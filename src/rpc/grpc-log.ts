import { setLogger } from "@grpc/grpc-js";
import type { Log } from "../domain/log.ts";

/**
 * Sends what grpc-js itself has to say to the log, as a warning: by default it writes its own lines to standard error, with
 * parts of what clients sent in them. It holds for the whole process, so only whoever owns the process calls it.
 */
export function sendGrpcLogTo(log: Pick<Log, "warn" | "debug">): void {
  const text = (parts: readonly unknown[]) => parts.map(String).join(" ");
  setLogger({
    error: (...parts: unknown[]) => log.warn({ grpc: text(parts) }, "grpc-js reports a problem"),
    info: (...parts: unknown[]) => log.debug({ grpc: text(parts) }, "grpc-js reports"),
    debug: (...parts: unknown[]) => log.debug({ grpc: text(parts) }, "grpc-js reports"),
  });
}

import { setLogger } from "@grpc/grpc-js";
import type { Log } from "../domain/log.ts";

/**
 * Sends grpc-js's own messages to the log, as warnings: by default it writes its own lines to standard error, with
 * parts of what clients sent in them. It holds for the whole process, so only the owner of the process calls it.
 */
export function sendGrpcLogTo(log: Pick<Log, "warn" | "debug">): void {
  // A server that cannot listen fails with a text of its own: see bind.
  const isBindFailure = (said: string) => said.startsWith("No address added out of total");
  // It quotes a header that is not printable ASCII, such as a token with a letter too many, of every call that has one.
  const badHeader = "Failed to add metadata entry";
  const text = (parts: readonly unknown[]) => {
    const said = parts.map(String).join(" ");
    return said.startsWith(badHeader) ? badHeader : said;
  };
  setLogger({
    error(...parts: unknown[]) {
      const said = text(parts);
      if (isBindFailure(said) || said === badHeader) log.debug({ grpc: said }, "grpc-js reports");
      else log.warn({ grpc: said }, "grpc-js reports a problem");
    },
    info: (...parts: unknown[]) => log.debug({ grpc: text(parts) }, "grpc-js reports"),
    debug: (...parts: unknown[]) => log.debug({ grpc: text(parts) }, "grpc-js reports"),
  });
}

import type { ClientLog } from "../../src/client/index.ts";
import { createMailbox } from "./mailbox.ts";

/** A log that keeps what it is handed: each line as `level: message`, and the facts beside it. */
export function recordLog() {
  const lines: string[] = [];
  const facts: Readonly<Record<string, unknown>>[] = [];
  const arrived = createMailbox<string>("line of the log");
  const method = (level: string) => (said: Readonly<Record<string, unknown>>, message: string) => {
    lines.push(`${level}: ${message}`);
    facts.push(said);
    arrived.put(`${level}: ${message}`);
  };
  const log: ClientLog = {
    error: method("error"),
    warn: method("warn"),
    info: () => undefined,
    debug: () => undefined,
  };
  return { log, lines, facts, next: () => arrived.next() };
}

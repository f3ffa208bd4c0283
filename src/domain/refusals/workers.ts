/** What is refused of workers and their streams. */

import { quoted, SitqError } from "../errors.ts";

/** No worker of the name is connected. */
export function workerNotFound(workerId: string): SitqError {
  return new SitqError("WORKER_NOT_FOUND", `No worker ${quoted(workerId)} is connected.`, { field: "worker_id" });
}

/** Another process has the worker's name. */
export function workerReplaced(workerId: string): SitqError {
  return new SitqError("WORKER_REPLACED", `Another process has the worker id ${workerId} now. Give each its own.`, {
    metadata: { worker_id: workerId },
  });
}

/** The same process of the worker opened another stream. */
export function streamReplaced(): SitqError {
  return new SitqError("STREAM_REPLACED", "The worker opened another stream.");
}

/** The worker was silent for as long as a lease lasts. */
export function heartbeatTimeout(): SitqError {
  return new SitqError("HEARTBEAT_TIMEOUT", "The worker was silent for lease_duration.");
}

/** A stream begins with hello. */
export function helloExpected(): SitqError {
  return new SitqError("HELLO_EXPECTED", "The first message must be hello.");
}

/** A stream has one hello. */
export function helloRepeated(): SitqError {
  return new SitqError("HELLO_REPEATED", "hello must be the first message and sent only once.");
}

import { status as statusCode } from "@grpc/grpc-js";
import { expect, onTestFinished } from "vitest";
import { CallError, createWorker, type Worker, type WorkerOptions } from "../../../src/client/index.ts";
import { type FakeServer, work } from "../fake-server.ts";
import { createMailbox } from "../mailbox.ts";

/** The end of a stream whose server stops. */
export const unavailable = () => new CallError("gone", { code: statusCode.UNAVAILABLE, reason: "DRAINING" });

/** Starts a worker of a fake server; it is stopped at the end of the test. */
export function startWorker(
  server: FakeServer,
  options: Partial<WorkerOptions> = {},
): { worker: Worker; started: Promise<void> } {
  const worker = createWorker(server.client, {
    queues: ["q"],
    handlers: {},
    workerId: "w",
    ...(options.handlers === undefined && { fallback: () => null }),
    ...options,
  });
  onTestFinished(async () => {
    server.runByItself();
    await worker.stop({ graceMs: 0 });
  });
  return { worker, started: worker.start() };
}

/** A handler that waits for the test: each task's is settled by its id. */
export function waitingHandlers() {
  const begun = createMailbox<string>("begun task");
  const works = new Map<string, PromiseWithResolvers<unknown>>();
  const signals = new Map<string, AbortSignal>();
  const handler: WorkerOptions["fallback"] = (_payload, { task, signal }) => {
    const mine = work<unknown>();
    const key = `${task.id}/${task.attempt}`;
    works.set(key, mine);
    signals.set(key, signal);
    begun.put(key);
    return mine.promise;
  };
  return {
    handler,
    begun,
    finish: (key: string, result?: unknown) => works.get(key)?.resolve(result),
    fail: (key: string, error: unknown) => works.get(key)?.reject(error),
    signal: (key: string) => signals.get(key) ?? expect.unreachable(`${key} has not begun`),
    get count() {
      return works.size;
    },
  };
}

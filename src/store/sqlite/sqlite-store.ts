import { Worker } from "node:worker_threads";
import { draining, storeFailed } from "../../domain/refusals/server.ts";
import type { TaskChange } from "../../domain/tasks/task.ts";
import type { WorkflowChange } from "../../domain/workflows/workflow.ts";
import type { DiskState } from "../disk-state.ts";
import type { Store } from "../store.ts";
import { StoreRefused } from "../store-refused.ts";
import type { Changes } from "./engine/change-log.ts";
import type { VerbName } from "./engine/verb.ts";
import { claimFile } from "./file/open-files.ts";
import { type SqliteStoreOptions, threadOptions } from "./options.ts";
import { createBackupCalls } from "./thread/backup-calls.ts";
import {
  type PackedVerbs,
  packNewTasks,
  packSettlements,
  unpackClaim,
  unpackEnqueueAnswer,
  unpackSettleAnswer,
} from "./thread/packed-verbs.ts";
import { errorOf } from "./thread/store-errors.ts";
import { createNews } from "./thread/store-news.ts";
import type { Answer, Call, Request, Response } from "./thread/thread-messages.ts";

/** How many batches are under way: while one commits, the next one lies ready. More would only make them smaller. */
const batchesUnderWay = 2;

/**
 * Opens the SQLite engine on its own thread.
 *
 * Calls of one turn of the event loop go over in one message and share a transaction; while the thread is busy they gather,
 * so that commits grow with the load.
 *
 * @throws StoreRefused if the file cannot be used, with what to do
 */
export async function createSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { onOpened, onDamages } = options;
  const release = claimFile(options.path);
  const program = import.meta.url.endsWith(".ts") ? "./thread/thread.ts" : "./thread/thread.js";
  const worker = new Worker(new URL(program, import.meta.url), { workerData: threadOptions(options) });
  const say = (request: Request) => worker.postMessage(request);

  const pending = new Map<number, PromiseWithResolvers<unknown>>();
  const taskListeners = new Set<(changes: readonly TaskChange[]) => void>();
  const workflowListeners = new Set<(changes: readonly WorkflowChange[]) => void>();
  const readyListeners = new Set<(queue: string, n: number) => void>();
  const diskListeners = new Set<(disk: DiskState) => void>();
  const failure = Promise.withResolvers<Error>();
  const exited = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<string>();
  let outbox: Call[] = [];
  const news = createNews(tell, settle);
  let lastId = 0;
  let underWay = 0;
  let flushing = false;
  let closing = false;
  let broken: Error | null = null;
  let disk: DiskState | null = null;
  const backups = createBackupCalls(say, () => {
    if (broken !== null) throw storeFailed();
    if (closing) throw draining();
  });

  function fail(message: string): void {
    if (broken !== null) return;
    // What was committed before is told as that.
    news.flush();
    broken = new Error(`storage failed: ${message}`);
    for (const { reject } of pending.values()) reject(storeFailed());
    pending.clear();
    backups.done({ kind: "failed", message });
    failure.resolve(broken);
  }

  function flushSoon(): void {
    if (flushing || underWay >= batchesUnderWay) return;
    flushing = true;
    // At the end of this turn: what its other callbacks call goes along.
    setImmediate(flush);
  }

  function flush(): void {
    flushing = false;
    if (outbox.length === 0 || broken !== null) return;
    underWay++;
    say({ kind: "calls", calls: outbox });
    outbox = [];
  }

  function call(verb: VerbName, args: readonly unknown[]): Promise<unknown> {
    if (broken !== null) return Promise.reject(storeFailed());
    if (closing) return Promise.reject(draining());
    const id = ++lastId;
    const answer = Promise.withResolvers<unknown>();
    pending.set(id, answer);
    news.called(id, verb);
    outbox.push({ id, verb, args });
    flushSoon();
    return answer.promise;
  }

  function settle(answer: Answer): void {
    const waiting = pending.get(answer.id);
    pending.delete(answer.id);
    if ("value" in answer) waiting?.resolve(answer.value);
    else waiting?.reject(errorOf(answer));
  }

  function tell({ tasks, workflows, ready }: Changes): void {
    for (const [queue, n] of ready) for (const listener of readyListeners) listener(queue, n);
    if (tasks.length > 0) for (const listener of taskListeners) listener(tasks);
    if (workflows.length > 0) for (const listener of workflowListeners) listener(workflows);
  }

  /** Adds a listener; the thread notes only what somebody listens to. */
  function listen<Listener>(listeners: Set<Listener>, listener: Listener): () => void {
    const watch = () =>
      say({ kind: "watch", watched: { tasks: taskListeners.size > 0, workflows: workflowListeners.size > 0 } });
    flush();
    listeners.add(listener);
    if (listeners.size === 1) watch();
    return () => {
      if (listeners.delete(listener) && listeners.size === 0) watch();
    };
  }

  worker.on("message", (response: Response) => {
    switch (response.kind) {
      case "opened":
        onOpened?.(response.file);
        return opened.resolve(response.engine);
      case "refused":
        return opened.reject(new (response.expected ? StoreRefused : Error)(response.message));
      case "answers":
        underWay -= response.batches;
        news.passOn(response.changes, response.answers);
        return flushSoon();
      case "damages":
        return onDamages?.(response.found);
      case "disk":
        disk = response.disk;
        for (const listener of diskListeners) listener(disk);
        return;
      case "failed":
        return fail(response.message);
      case "backup_progress":
        return backups.progress(response.copiedPages, response.totalPages);
      case "backup_done":
        return backups.done(response.failure);
    }
  });
  worker.on("error", (error) => {
    opened.reject(error);
    fail(error.stack ?? error.message);
  });
  worker.on("exit", () => {
    news.flush();
    backups.done({ kind: "failed", message: "the store was closed" });
    if (!closing) fail("the store's thread ended");
    release();
    exited.resolve();
  });
  const engine = await opened.promise.catch(async (error: unknown) => {
    // Only then the file is free again.
    await exited.promise;
    throw error;
  });

  const verb =
    <Name extends VerbName>(name: Name) =>
    (...args: Parameters<Store[Name]>) =>
      call(name, args) as ReturnType<Store[Name]>;

  const packed = <Name extends "enqueue" | "claim" | "settle">(name: Name, ...args: Parameters<PackedVerbs[Name]>) =>
    call(name, args) as Promise<ReturnType<PackedVerbs[Name]>>;

  return {
    engine,
    async enqueue(tasks, nowMs, atomic = false) {
      const answers = await packed("enqueue", packNewTasks(tasks), nowMs, atomic);
      return answers.map(unpackEnqueueAnswer);
    },
    claim: async (plan, nowMs) => unpackClaim(await packed("claim", plan, nowMs)),
    async settle(settlements, nowMs) {
      const answers = await packed("settle", packSettlements(settlements), nowMs);
      return answers.map(unpackSettleAnswer);
    },
    updateLeases: verb("updateLeases"),
    leases: verb("leases"),
    get: verb("get"),
    list: verb("list"),
    cancel: verb("cancel"),
    retry: verb("retry"),
    retryMatching: verb("retryMatching"),
    delete: verb("delete"),
    purge: verb("purge"),
    getQueue: verb("getQueue"),
    listQueues: verb("listQueues"),
    updateQueue: verb("updateQueue"),
    advance: verb("advance"),
    sweep: verb("sweep"),
    shiftTimes: verb("shiftTimes"),
    newestMs: verb("newestMs"),
    putInstances: verb("putInstances"),
    deleteInstances: verb("deleteInstances"),
    instances: verb("instances"),
    publish: verb("publish"),
    getEvent: verb("getEvent"),
    listEvents: verb("listEvents"),
    readEvents: verb("readEvents"),
    findStart: verb("findStart"),
    createSubscription: verb("createSubscription"),
    getSubscription: verb("getSubscription"),
    listSubscriptions: verb("listSubscriptions"),
    updateSubscription: verb("updateSubscription"),
    replay: verb("replay"),
    endSubscription: verb("endSubscription"),
    endDeliveries: verb("endDeliveries"),
    endingSubscriptions: verb("endingSubscriptions"),
    catchUp: verb("catchUp"),
    sweepEvents: verb("sweepEvents"),
    startWorkflows: verb("startWorkflows"),
    executeWorkflow: verb("executeWorkflow"),
    getWorkflow: verb("getWorkflow"),
    listWorkflows: verb("listWorkflows"),
    cancelWorkflow: verb("cancelWorkflow"),
    retryWorkflow: verb("retryWorkflow"),
    sweepWorkflows: verb("sweepWorkflows"),

    subscribe: (listener) => listen(taskListeners, listener),
    subscribeWorkflows: (listener) => listen(workflowListeners, listener),
    onDisk(listener) {
      if (disk !== null) listener(disk);
      diskListeners.add(listener);
      return () => diskListeners.delete(listener);
    },
    onReady(listener) {
      readyListeners.add(listener);
      return () => readyListeners.delete(listener);
    },

    backup: backups.backup,
    failed: failure.promise,

    async close() {
      if (!closing) {
        flush();
        closing = true;
        say({ kind: "close" });
      }
      await exited.promise;
    },
  };
}

import { plainTask, type TaskDefinition } from "../tasks/task-definition.ts";
import type { TaskInfo } from "../views/task-info.ts";

/** What a handler knows beside its payload. */
export interface HandlerContext {
  readonly task: TaskInfo;
  /**
   * Aborted when the worker no longer holds the attempt; `reason` is an AttemptAborted with the cause. What the handler then
   * answers or throws is not reported to the server, but the worker waits for it: the slot is free only when it returns.
   */
  readonly signal: AbortSignal;
  /**
   * Reports how far the work is. The first report is sent at once, later ones at most once a second.
   *
   * @param fraction 0 to 1
   * @param message what is being done; cut to 1 KiB
   */
  progress(fraction: number, message?: string): void;
  /**
   * Gives the task back, and leaves the handler by throwing a ReleaseError: the attempt does not count.
   *
   * @param delayMs when it is offered again, in milliseconds from now. Default: at once, in its old place
   */
  release(delayMs?: number): never;
}

/**
 * Does the work of one attempt, and answers its result. Whatever it throws is a failed attempt, to be retried by the task's
 * policy; TerminalError, RetryLaterError and ReleaseError say otherwise.
 */
export type Handler<Input, Result> = (payload: Input, context: HandlerContext) => Result | Promise<Result>;

/** A handler with its definition; `handle` makes it. */
export interface HandlerEntry {
  readonly definition: TaskDefinition<never, unknown, never, unknown>;
  readonly handler: Handler<never, unknown>;
}

/** Pairs a handler with the definition of its task, or with a bare type. */
export function handle<Input, ResultInit>(
  task: TaskDefinition<never, Input, ResultInit, unknown>,
  handler: Handler<Input, ResultInit>,
): HandlerEntry;
export function handle(type: string, handler: Handler<unknown, unknown>): HandlerEntry;
export function handle(
  task: TaskDefinition<never, unknown, never, unknown> | string,
  handler: Handler<never, unknown>,
): HandlerEntry {
  return { definition: typeof task === "string" ? plainTask(task) : task, handler };
}

/** The handlers of a worker: by task type for plain values, or a list made by `handle`. */
export type Handlers = Readonly<Record<string, Handler<unknown, unknown>>> | readonly HandlerEntry[];

/** The handlers of a worker, to be looked up. */
export interface HandlerTable {
  /** Finds the handler of a task type; `undefined`: there is none. */
  find(type: string): HandlerEntry | undefined;
  /** The types that are handled; empty: all. */
  readonly types: readonly string[];
}

/**
 * Looks handlers up.
 *
 * @param fallback for the types that have none
 * @throws TypeError if a type has two
 */
export function createHandlerTable(handlers: Handlers, fallback?: Handler<unknown, unknown>): HandlerTable {
  const entries = isList(handlers)
    ? handlers
    : Object.entries(handlers).map(([type, handler]) => handle(type, handler));
  const byType = new Map<string, HandlerEntry>();
  for (const entry of entries) {
    const { type } = entry.definition;
    if (byType.has(type)) throw new TypeError(`The task type ${JSON.stringify(type)} has two handlers.`);
    byType.set(type, entry);
  }
  const otherwise = fallback && handle("", fallback);
  return {
    find: (type) => byType.get(type) ?? otherwise,
    types: otherwise === undefined ? [...byType.keys()] : [],
  };
}

function isList(handlers: Handlers): handlers is readonly HandlerEntry[] {
  return Array.isArray(handlers);
}

import { status as statusCode } from "@grpc/grpc-js";
import { CallError } from "../../grpc/client/call-error.ts";
import type { CallOptions } from "../../grpc/client/client.ts";
import type { OptionNames } from "../../grpc/client/known-options.ts";
import { refuseUnknown } from "../../grpc/client/known-options.ts";

/** How a list is read. */
export interface ListOptions {
  /** How many a call fetches: 1 to 1000. Default 50. */
  readonly pageSize?: number | undefined;
  /** Ends the list with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What can be said of a list. */
export const listNames: OptionNames<ListOptions> = { pageSize: true, signal: true };

/** How one thing is read. */
export interface ReadOptions {
  /** Gives up after so many milliseconds. Default 10,000. */
  readonly timeoutMs?: number;
  /** Gives up. */
  readonly signal?: AbortSignal;
}

/** What can be said of a read. */
export const readNames: OptionNames<ReadOptions> = { timeoutMs: true, signal: true };

/** One page of a list; an empty token: it is the last. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextPageToken: string;
}

const callTimeoutMs = 10_000;

/** The options of a call that reads. @throws CallError INVALID_ARGUMENT of one that there is not */
export function readCall(options: ReadOptions): CallOptions {
  refuseUnknown(options, readNames);
  const { timeoutMs = callTimeoutMs, signal } = options;
  return { timeoutMs, signal };
}

/** What an answer must hold. @throws CallError INTERNAL if it does not */
export function present<T>(value: T | undefined, what: string): T {
  if (value !== undefined) return value;
  throw new CallError(`The server answered without the ${what}.`, { code: statusCode.INTERNAL });
}

/** All items of a list, fetched page by page as the loop takes them. */
export async function* eachItem<T>(
  { pageSize = 0, signal }: ListOptions,
  fetchPage: (page: { readonly pageSize: number; readonly pageToken: string }, call: CallOptions) => Promise<Page<T>>,
): AsyncGenerator<T, void> {
  let pageToken = "";
  do {
    signal?.throwIfAborted();
    const { items, nextPageToken } = await fetchPage({ pageSize, pageToken }, { timeoutMs: callTimeoutMs, signal });
    yield* items;
    pageToken = nextPageToken;
  } while (pageToken !== "");
}

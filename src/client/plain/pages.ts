import { status as statusCode } from "@grpc/grpc-js";
import { CallError } from "../../rpc/adapter/call-error.ts";
import type { CallOptions } from "../../rpc/adapter/client.ts";

/** How a list is read. */
export interface ListOptions {
  /** How many a call fetches: 1 to 1000. Default 50. */
  readonly pageSize?: number | undefined;
  /** Ends the list with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** How one thing is read. */
export interface ReadOptions {
  /** Gives up after so many milliseconds. Default 10,000. */
  readonly timeoutMs?: number;
  /** Gives up. */
  readonly signal?: AbortSignal;
}

/** One page of a list; an empty token: it is the last. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextPageToken: string;
}

const callTimeoutMs = 10_000;

/** The options of a call that reads. */
export function readCall({ timeoutMs = callTimeoutMs, signal }: ReadOptions): CallOptions {
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

import type { Any } from "@bufbuild/protobuf/wkt";
import { isQueueName } from "../convert/checks.ts";

/** What a client has subscribed to of one type. */
export interface Subscription {
  /** The names as they came last: most requests repeat them. */
  asked: readonly string[];
  /** Those among them that services can have, each once. */
  names: readonly string[];
  /** Of the newest response. */
  nonce: string;
  /** What the client has of each name; `null`: nothing. */
  sent: (Any | null)[];
  /** Whether the next response goes out even if it holds the same. */
  isAsked: boolean;
  /** The client has refused the newest response. */
  isRefused: boolean;
}

/** The names that services can have among those that are asked for, each once. */
export function namesOf(resourceNames: readonly string[]): readonly string[] {
  return [...new Set(resourceNames.filter(isQueueName))].sort();
}

/** Whether two lists hold the same in the same order. */
export function isSame<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((each, at) => each === b[at]);
}

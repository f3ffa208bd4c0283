import { setTimeout as pause } from "node:timers/promises";
import type { HandlerEntry, Publisher, SitqClient } from "sitq/client";
import type { Answer } from "./direct-call.ts";

/** What a service works with. */
export interface ServiceContext {
  readonly client: SitqClient;
  readonly publisher: Publisher;
  /** The name of this instance. */
  readonly instance: string;
}

/** What a service does. */
export interface Service {
  readonly handlers: readonly HandlerEntry[];
  /** What it answers to other services. */
  readonly answer: Answer;
  close(): void;
}

/** The work of one task takes a few milliseconds, like a call to a database. */
export function work(signal: AbortSignal): Promise<void> {
  return pause(5, undefined, { signal });
}

/** The answer of a service that takes no calls. */
export const answersNothing: Answer = async () => {
  throw new Error("this service answers no calls");
};

/** The number in an order's id, by which the example lets things fail that fail by chance elsewhere. */
export function numberOf(orderId: string): number {
  return Number(orderId.replace(/\D/g, ""));
}

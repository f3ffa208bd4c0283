/** What must be allowed of what consists of several named things. */

import type { ScopeKind } from "./grant.ts";
import type { Scope } from "./scope.ts";

/** A name that a scope allows or not. */
export interface ScopedName {
  readonly kind: ScopeKind;
  /** Of an event type it can be a pattern. */
  readonly name: string;
}

/** Of a task: its queue. */
export function namesOfTask({ queue }: { readonly queue: string }): ScopedName[] {
  return [{ kind: "queue", name: queue }];
}

/** Of a workflow: the queues of all its steps. */
export function namesOfWorkflow(workflow: {
  readonly steps: readonly { readonly task: { readonly queue: string } }[];
}): ScopedName[] {
  return namesOfQueues(workflow.steps.map(({ task }) => task.queue));
}

/** Of a worker: all its queues. */
export function namesOfQueues(queues: readonly string[]): ScopedName[] {
  return [...new Set(queues)].map((name) => ({ kind: "queue", name }));
}

/** Of a subscription: its queue, and the types of its filter. A filter without types means all. */
export function namesOfSubscription(subscription: {
  readonly queue: string;
  readonly filter: { readonly types: readonly string[] };
}): ScopedName[] {
  const { queue, filter } = subscription;
  const types = filter.types.length === 0 ? ["*"] : filter.types;
  return [{ kind: "queue", name: queue }, ...types.map((name) => ({ kind: "event_type", name }) as const)];
}

/** Whether a scope allows all of these. */
export function allowsAll(scope: Scope, names: readonly ScopedName[]): boolean {
  return names.every(({ kind, name }) => scope.allows(kind, name));
}

import type { Store } from "../store.ts";
import { createClaim } from "./claim.ts";
import { createDeliver } from "./deliver.ts";
import { createEnqueue } from "./enqueue.ts";
import { createInstances } from "./instances.ts";
import { createLeases, createUpdateLeases } from "./leases.ts";
import { createListWorkflows } from "./list-workflows.ts";
import { createOperate } from "./operate.ts";
import { createOrdering } from "./ordering.ts";
import { createPublish } from "./publish.ts";
import { createGet, createList, createQueueReads } from "./read.ts";
import { createEventReads } from "./read-events.ts";
import { createReadyRows } from "./ready-rows.ts";
import type { Session } from "./session.ts";
import { createSettle } from "./settle.ts";
import { createShiftTimes } from "./shift-times.ts";
import { createSubscriptions } from "./subscriptions.ts";
import { createTransitions } from "./transitions.ts";
import { createAdvance, createSweep } from "./upkeep.ts";
import { createWorkflowFlow } from "./workflow-flow.ts";
import { createWorkflows } from "./workflows.ts";

/** A verb of the store as it runs on the engine's own thread, inside a transaction. */
export type SyncVerb<V extends (...args: never[]) => Promise<unknown>> = (
  ...args: Parameters<V>
) => Awaited<ReturnType<V>>;

/** The verbs that run in transactions. The rest of the store's contract concerns the thread itself. */
export type VerbName = Exclude<
  keyof Store,
  "engine" | "subscribe" | "subscribeWorkflows" | "onDisk" | "onReady" | "backup" | "failed" | "close"
>;

/** Every verb, on an open database. */
export type Verbs = { readonly [Name in VerbName]: SyncVerb<Store[Name]> };

/** The verbs on an open database. */
export function createVerbs(session: Session): Verbs {
  const transitions = createTransitions(session);
  const ordering = createOrdering(session, transitions);
  const flow = createWorkflowFlow(session, transitions);
  const deliver = createDeliver(session, ordering);
  const readyRows = createReadyRows(session);
  return {
    enqueue: createEnqueue(session, transitions),
    claim: createClaim(session, transitions, readyRows),
    settle: createSettle(session, transitions),
    updateLeases: createUpdateLeases(session),
    leases: createLeases(session),
    get: createGet(session),
    list: createList(session),
    ...createQueueReads(session, readyRows),
    ...createOperate(session, transitions, ordering),
    advance: createAdvance(session, transitions),
    sweep: createSweep(session, transitions),
    shiftTimes: createShiftTimes(session),
    newestMs: () => (session.keys.last === 0 ? null : session.keys.timeOf(session.keys.last)),
    ...createInstances(session),
    publish: createPublish(session, deliver),
    ...createEventReads(session),
    ...createSubscriptions(session, transitions, deliver),
    ...createWorkflows(session, transitions, flow),
    listWorkflows: createListWorkflows(session),
  };
}

import type { Session } from "../engine/engine.ts";
import type { VerbName, Verbs } from "../engine/verb.ts";
import { createDeliver } from "../events/deliver.ts";
import { createPublish } from "../events/publish.ts";
import { createEventReads } from "../events/read-events.ts";
import { createSubscriptions } from "../events/subscriptions.ts";
import { createInstances } from "../registry/instances.ts";
import { createClaim } from "../tasks/claim.ts";
import { createEnqueue } from "../tasks/enqueue.ts";
import { createLeases, createUpdateLeases } from "../tasks/leases.ts";
import { createOrdering } from "../tasks/ordering.ts";
import { createAdvance, createSweep } from "../tasks/promote-due.ts";
import { createGet, createList, createQueueReads } from "../tasks/read-tasks.ts";
import { createReadyRows } from "../tasks/ready-rows.ts";
import { createSettle } from "../tasks/settle.ts";
import { createShiftTimes } from "../tasks/shift-times.ts";
import { createOperate } from "../tasks/task-admin.ts";
import { createTransitions } from "../tasks/transitions.ts";
import { createListWorkflows } from "../workflows/list-workflows.ts";
import { createWorkflowFlow } from "../workflows/workflow-flow.ts";
import { createWorkflows } from "../workflows/workflows.ts";

/** The verbs on an open database: the one list of them. The store's own side is made from their names. */
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

/** The names of the verbs. */
export function verbNames(verbs: Verbs): VerbName[] {
  return Object.keys(verbs) as VerbName[];
}

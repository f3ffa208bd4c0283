import type { Session } from "../engine/engine.ts";
import type { VerbName, Verbs } from "../engine/verb.ts";
import { createCatchUp, createReplay } from "../events/catch-up.ts";
import { createDeliver } from "../events/deliver.ts";
import { createEndSubscription } from "../events/end-subscription.ts";
import { createFindStart, createStartKey } from "../events/find-start.ts";
import { createPublish } from "../events/publish.ts";
import { createEventReads } from "../events/read-events.ts";
import { createReadSubscription } from "../events/read-subscription.ts";
import { createSubscriptions } from "../events/subscriptions.ts";
import { createSweepEvents } from "../events/sweep-events.ts";
import { createQueues } from "../queues/queues.ts";
import { createInstances } from "../registry/instances.ts";
import { createClaim } from "../tasks/claim.ts";
import { createEnqueue } from "../tasks/enqueue.ts";
import { createLeases, createUpdateLeases } from "../tasks/leases.ts";
import { createOrdering } from "../tasks/ordering.ts";
import { createAdvance } from "../tasks/promote-due.ts";
import { createGet, createList } from "../tasks/read-tasks.ts";
import { createReadyRows } from "../tasks/ready-rows.ts";
import { createSettle } from "../tasks/settle.ts";
import { createShiftTimes } from "../tasks/shift-times.ts";
import { createSweep } from "../tasks/sweep-tasks.ts";
import { createOperate } from "../tasks/task-admin.ts";
import { createTransitions } from "../tasks/transitions.ts";
import { createListWorkflows } from "../workflows/list-workflows.ts";
import { createReadWorkflow } from "../workflows/read-workflow.ts";
import { createStartWorkflows } from "../workflows/start-workflows.ts";
import { createSweepWorkflows } from "../workflows/sweep-workflows.ts";
import { createWorkflowAdmin } from "../workflows/workflow-admin.ts";
import { createWorkflowFlow } from "../workflows/workflow-flow.ts";

/** The verbs on an open database: the one list of them. The store's own side is made from their names. */
export function createVerbs(session: Session): Verbs {
  const transitions = createTransitions(session);
  const ordering = createOrdering(session, transitions);
  const flow = createWorkflowFlow(session, transitions);
  const deliver = createDeliver(session, ordering);
  const readyRows = createReadyRows(session);
  const startKey = createStartKey(session);
  const subscriptionOf = createReadSubscription(session);
  const readWorkflow = createReadWorkflow(session);
  return {
    enqueue: createEnqueue(session, transitions),
    claim: createClaim(session, transitions, readyRows),
    settle: createSettle(session, transitions),
    updateLeases: createUpdateLeases(session),
    leases: createLeases(session),
    get: createGet(session),
    list: createList(session),
    ...createQueues(session, readyRows),
    ...createOperate(session, transitions, ordering),
    advance: createAdvance(session, transitions),
    sweep: createSweep(session, transitions),
    shiftTimes: createShiftTimes(session),
    newestMs: () => (session.keys.last === 0 ? null : session.keys.timeOf(session.keys.last)),
    ...createInstances(session),
    publish: createPublish(session, deliver),
    ...createEventReads(session),
    sweepEvents: createSweepEvents(session),
    findStart: createFindStart(startKey),
    ...createSubscriptions(session, startKey, subscriptionOf),
    replay: createReplay(session, startKey, subscriptionOf),
    catchUp: createCatchUp(session, deliver),
    ...createEndSubscription(session, transitions),
    startWorkflows: createStartWorkflows(session, flow, readWorkflow),
    ...createWorkflowAdmin(session, flow, readWorkflow),
    sweepWorkflows: createSweepWorkflows(session, transitions),
    listWorkflows: createListWorkflows(session),
  };
}

/** The names of the verbs. */
export function verbNames(verbs: Verbs): VerbName[] {
  return Object.keys(verbs) as VerbName[];
}

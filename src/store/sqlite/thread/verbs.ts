import { createAudit } from "../access/audit.ts";
import { createPrincipals } from "../access/principals.ts";
import type { Engine } from "../engine/engine.ts";
import type { VerbName, Verbs } from "../engine/verb.ts";
import { besideLeases } from "../engine/verb-kinds.ts";
import { createCatchUp, createReplay } from "../events/catch-up.ts";
import { createDeliver } from "../events/deliver.ts";
import { createEndSubscription } from "../events/end-subscription.ts";
import { createFindStart, createStartKey } from "../events/find-start.ts";
import { createPublish } from "../events/publish.ts";
import { createEventReads } from "../events/read-events.ts";
import { createReadSubscription } from "../events/read-subscription.ts";
import { createSubscriptions } from "../events/subscriptions.ts";
import { createSweepEvents } from "../events/sweep-events.ts";
import { createChangedQueues } from "../measures/changed-queues.ts";
import { createMeasure } from "../measures/measure.ts";
import { createBulkChanges } from "../operators/bulk-changes.ts";
import { createListFailures } from "../operators/list-failures.ts";
import { createOperatorMoves } from "../operators/operator-moves.ts";
import { createTaskAdmin } from "../operators/task-admin.ts";
import { createUpdateTask } from "../operators/update-task.ts";
import { createQueues } from "../queues/queues.ts";
import { createInstances } from "../registry/instances.ts";
import { createServices } from "../registry/services.ts";
import { createClaim } from "../tasks/claim.ts";
import { createEnqueue } from "../tasks/enqueue.ts";
import { createLeases, createUpdateLeases } from "../tasks/leases.ts";
import { createOrdering } from "../tasks/ordering.ts";
import { createAdvance } from "../tasks/promote-due.ts";
import { createGet, createList, createQueuesOf } from "../tasks/read-tasks.ts";
import { createReadyRows } from "../tasks/ready-rows.ts";
import { createTaskScans } from "../tasks/scan.ts";
import { createSettle } from "../tasks/settle.ts";
import { createShiftTimes } from "../tasks/shift-times.ts";
import { createSweep } from "../tasks/sweep-tasks.ts";
import { defineTaskConditions } from "../tasks/task-conditions.ts";
import { createTransitions } from "../tasks/transitions.ts";
import { createReadWaits } from "../waits/read-waits.ts";
import { createReadWorkflowWaits } from "../waits/read-workflow-waits.ts";
import { createListWorkflows } from "../workflows/list-workflows.ts";
import { createReadWorkflow } from "../workflows/read-workflow.ts";
import { createStartWorkflows } from "../workflows/start-workflows.ts";
import { createSweepWorkflows } from "../workflows/sweep-workflows.ts";
import { createTroubledWorkflows } from "../workflows/troubled-workflows.ts";
import { createWorkflowAdmin } from "../workflows/workflow-admin.ts";
import { createWorkflowFlow } from "../workflows/workflow-flow.ts";

/** Creates the verbs on an open database: the one list of them. The store's own side is made from their names. */
export function createVerbs(engine: Engine): Verbs {
  defineTaskConditions(engine.db);
  const transitions = createTransitions(engine);
  const ordering = createOrdering(engine, transitions);
  const moves = createOperatorMoves(engine, transitions, ordering);
  const flow = createWorkflowFlow(engine, transitions);
  const deliver = createDeliver(engine, ordering);
  const readyRows = createReadyRows(engine);
  const scans = createTaskScans(engine);
  const startKey = createStartKey(engine);
  const subscriptionOf = createReadSubscription(engine);
  const readWorkflow = createReadWorkflow(engine);
  return afterLeases(engine, {
    enqueue: createEnqueue(engine, transitions),
    claim: createClaim(engine, transitions, readyRows),
    settle: createSettle(engine, transitions),
    updateLeases: createUpdateLeases(engine),
    ...createLeases(engine),
    get: createGet(engine),
    queuesOf: createQueuesOf(engine),
    list: createList(engine, scans),
    readWaits: createReadWaits(engine),
    ...createQueues(engine, readyRows),
    ...createTaskAdmin(engine, transitions, moves),
    update: createUpdateTask(engine, transitions, moves),
    changeMatching: createBulkChanges(engine, transitions, moves, scans),
    listFailures: createListFailures(engine),
    advance: createAdvance(engine, transitions),
    sweep: createSweep(engine, transitions),
    shiftTimes: createShiftTimes(engine),
    newestMs: () => (engine.keys.last === 0 ? null : engine.keys.timeOf(engine.keys.last)),
    ...createInstances(engine),
    ...createServices(engine),
    ...createAudit(engine),
    ...createPrincipals(engine),
    publish: createPublish(engine, deliver),
    ...createEventReads(engine),
    sweepEvents: createSweepEvents(engine),
    findStart: createFindStart(startKey),
    ...createSubscriptions(engine, startKey, subscriptionOf),
    replay: createReplay(engine, startKey, subscriptionOf),
    catchUp: createCatchUp(engine, deliver),
    ...createEndSubscription(engine, transitions),
    startWorkflows: createStartWorkflows(engine, flow, readWorkflow),
    ...createWorkflowAdmin(engine, flow, readWorkflow),
    sweepWorkflows: createSweepWorkflows(engine, transitions),
    ...createListWorkflows(engine),
    readWorkflowWaits: createReadWorkflowWaits(engine),
    measure: createMeasure(engine),
    changedQueues: createChangedQueues(engine, readyRows),
    troubledWorkflows: createTroubledWorkflows(engine),
  });
}

/** Lets all other verbs find every lease on the disk. */
function afterLeases({ leases, queues }: Engine, verbs: Verbs): Verbs {
  const entries = Object.entries(verbs) as [VerbName, (...args: unknown[]) => unknown][];
  const all = entries.map(([name, verb]) => {
    if (besideLeases.has(name)) return [name, verb];
    const afterwards = (...args: unknown[]) => {
      if (leases.size > 0) {
        leases.write(leases.all());
        // A count that was wrong on the disk is put right before it is read.
        queues.flush();
      }
      return verb(...args);
    };
    return [name, afterwards];
  });
  return Object.fromEntries(all) as Verbs;
}

/** The names of the verbs. */
export function verbNames(verbs: Verbs): VerbName[] {
  return Object.keys(verbs) as VerbName[];
}

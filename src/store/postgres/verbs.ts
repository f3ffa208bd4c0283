import { createAudit } from "./access/audit.ts";
import { createPrincipals } from "./access/principals.ts";
import type { Engine } from "./engine/engine.ts";
import type { EngineVerbs } from "./engine/set-verbs.ts";
import { createCatchUp, createReplay } from "./events/catch-up.ts";
import { createDeliver } from "./events/deliver.ts";
import { createEndSubscription } from "./events/end-subscription.ts";
import { createFindStart, createStartKey } from "./events/find-start.ts";
import { createPublish } from "./events/publish.ts";
import { createEventReads } from "./events/read-events.ts";
import { createReadSubscriptions } from "./events/read-subscription.ts";
import { createSubscriptions } from "./events/subscriptions.ts";
import { createSweepEvents } from "./events/sweep-events.ts";
import { createChangedQueues } from "./measures/changed-queues.ts";
import { createMeasure } from "./measures/measure.ts";
import { createBulkChanges } from "./operators/bulk-changes.ts";
import { createListFailures } from "./operators/list-failures.ts";
import { createOperatorMoves } from "./operators/operator-moves.ts";
import { createTaskAdmin } from "./operators/task-admin.ts";
import { createUpdateTask } from "./operators/update-task.ts";
import { createFoldCounts } from "./queues/fold-counts.ts";
import { createQueues } from "./queues/queues.ts";
import { createInstances } from "./registry/instances.ts";
import { createServices } from "./registry/services.ts";
import { createSweep } from "./retention/sweep-tasks.ts";
import { createClaim } from "./tasks/claim.ts";
import { createEnqueue } from "./tasks/enqueue.ts";
import { createLeases } from "./tasks/leases.ts";
import { createOrdering } from "./tasks/ordering.ts";
import { createAdvance } from "./tasks/promote-due.ts";
import { createReadTasks } from "./tasks/read-tasks.ts";
import { createReadyRows } from "./tasks/ready-rows.ts";
import { createTaskScan } from "./tasks/scan.ts";
import { createSettle } from "./tasks/settle.ts";
import { createShiftTimes } from "./tasks/shift-times.ts";
import { createTransitions } from "./tasks/transitions.ts";
import { createReadWaits } from "./waits/read-waits.ts";
import { createReadWorkflowWaits } from "./waits/read-workflow-waits.ts";
import { createListWorkflows } from "./workflows/list-workflows.ts";
import { createReadWorkflow } from "./workflows/read-workflow.ts";
import { createStartWorkflows } from "./workflows/start-workflows.ts";
import { createSweepWorkflows } from "./workflows/sweep-workflows.ts";
import { createTroubledWorkflows } from "./workflows/troubled-workflows.ts";
import { createWorkflowAdmin } from "./workflows/workflow-admin.ts";
import { createWorkflowFlow } from "./workflows/workflow-flow.ts";

/** Creates the verbs on an engine: the one list of them. */
export function createVerbs(engine: Engine): EngineVerbs {
  const scan = createTaskScan(engine);
  const transitions = createTransitions(engine);
  const readyRows = createReadyRows(engine);
  const flow = createWorkflowFlow(engine, transitions);
  const readWorkflow = createReadWorkflow(engine);
  const ordering = createOrdering(engine, transitions);
  const moves = createOperatorMoves(engine, transitions, ordering);
  const deliver = createDeliver(engine, ordering);
  const startKey = createStartKey(engine);
  const readSubscriptions = createReadSubscriptions(engine);
  const { get, ...reads } = createReadTasks(engine, scan);
  const { adoptLeases, ...leases } = createLeases(engine, transitions);
  return {
    adopting: { adoptLeases, foldCounts: createFoldCounts(engine) },
    together: {
      // Those who await tasks ask for one each.
      async get(calls) {
        const found = await get(calls.flatMap(([ids]) => ids));
        let read = 0;
        return calls.map(([ids]) => {
          const first = read;
          read += ids.length;
          return found.slice(first, read);
        });
      },
      publish: createPublish(engine, deliver),
      enqueue: createEnqueue(engine, transitions),
      claim: createClaim(engine, transitions, readyRows),
      settle: createSettle(engine, transitions),
    },
    single: {
      ...leases,
      ...reads,
      ...createListFailures(engine),
      ...createReadWaits(engine),
      ...createReadWorkflowWaits(engine),
      ...createChangedQueues(engine, readyRows),
      ...createTroubledWorkflows(engine),
      ...createMeasure(engine),
      ...createTaskAdmin(transitions, moves),
      ...createUpdateTask(engine, transitions, moves),
      ...createBulkChanges(engine, transitions, moves, scan),
      advance: createAdvance(engine, transitions),
      sweep: createSweep(engine, transitions),
      shiftTimes: createShiftTimes(engine),
      newestMs: async () => {
        const last = await engine.keys.read();
        return last === 0 ? null : engine.keys.timeOf(last);
      },
      ...createQueues(engine, readyRows),
      ...createInstances(engine),
      ...createServices(engine),
      ...createPrincipals(engine),
      ...createAudit(engine),
      startWorkflows: createStartWorkflows(engine, readWorkflow),
      ...createWorkflowAdmin(engine, flow, readWorkflow),
      ...createListWorkflows(engine),
      sweepWorkflows: createSweepWorkflows(engine, transitions),
      ...createEventReads(engine),
      sweepEvents: createSweepEvents(engine),
      findStart: createFindStart(startKey),
      ...createSubscriptions(engine, startKey, readSubscriptions),
      replay: createReplay(engine, startKey, readSubscriptions),
      catchUp: createCatchUp(engine, deliver),
      ...createEndSubscription(engine, transitions),
    },
  };
}

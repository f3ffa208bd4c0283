/** What every engine promises, as tests: the contract of src/store/store.ts and the rules of the queue that show there. */

import { describe } from "vitest";
import { describeAudit } from "./conformance/access/audit.ts";
import { describePrincipals } from "./conformance/access/principals.ts";
import { describeClock } from "./conformance/clock.ts";
import { describeEvents } from "./conformance/events/events.ts";
import { describeOrdering } from "./conformance/events/ordering.ts";
import { describeSubscriptionEnds } from "./conformance/events/subscription-ends.ts";
import { describeSubscriptionUpdates } from "./conformance/events/subscription-updates.ts";
import { describeSubscriptions } from "./conformance/events/subscriptions.ts";
import { describeMeasures } from "./conformance/measures.ts";
import { describeBulk } from "./conformance/operators/bulk.ts";
import { describeFailures } from "./conformance/operators/failures.ts";
import { describeFilters } from "./conformance/operators/filters.ts";
import { describeUpdate } from "./conformance/operators/update.ts";
import { describeChangedQueues } from "./conformance/queues/changed-queues.ts";
import { describeDispatch } from "./conformance/queues/dispatch.ts";
import { describeFlows } from "./conformance/queues/flows.ts";
import { describeQueueDepth } from "./conformance/queues/queue-depth.ts";
import { describeQueues } from "./conformance/queues/queues.ts";
import { describeTypes } from "./conformance/queues/types.ts";
import { describeInstances } from "./conformance/registry/instances.ts";
import { describeServices } from "./conformance/registry/services.ts";
import { describeCancel } from "./conformance/tasks/cancel.ts";
import { describeClaim } from "./conformance/tasks/claim.ts";
import { describeDeduplication } from "./conformance/tasks/deduplication.ts";
import { describeEnqueue } from "./conformance/tasks/enqueue.ts";
import { describeFencing } from "./conformance/tasks/fencing.ts";
import { describeHistory } from "./conformance/tasks/history.ts";
import { describeIdempotency } from "./conformance/tasks/idempotency.ts";
import { describeLeases } from "./conformance/tasks/leases.ts";
import { describeLifecycle } from "./conformance/tasks/lifecycle.ts";
import { describeList } from "./conformance/tasks/list.ts";
import { describeOrder } from "./conformance/tasks/order.ts";
import { describeRetry } from "./conformance/tasks/retry.ts";
import { describeSettle } from "./conformance/tasks/settle.ts";
import { describeSticky } from "./conformance/tasks/sticky.ts";
import { describeTime } from "./conformance/tasks/time.ts";
import { describeWaits } from "./conformance/tasks/waits.ts";
import { describeWatch } from "./conformance/watch.ts";
import { describeTroubledWorkflows } from "./conformance/workflows/troubled-workflows.ts";
import { describeWorkflowEnds } from "./conformance/workflows/workflow-ends.ts";
import { describeWorkflowFlow } from "./conformance/workflows/workflow-flow.ts";
import { describeWorkflowSteps } from "./conformance/workflows/workflow-steps.ts";
import { describeWorkflows } from "./conformance/workflows/workflows.ts";
import { createStoreTest, type StoreOpener } from "./store-harness.ts";

/**
 * Runs the whole suite against an engine. Each test has a store of its own, and ends with a check that everything that the
 * store says of itself agrees.
 */
export function describeStore(name: string, open: StoreOpener): void {
  const test = createStoreTest(open);
  describe(`${name}: the contract of storage`, () => {
    describeEnqueue(test);
    describeIdempotency(test);
    describeDeduplication(test);
    describeFlows(test);
    describeChangedQueues(test);
    describeQueueDepth(test);
    describeClaim(test);
    describeSticky(test);
    describeTypes(test);
    describeDispatch(test);
    describeOrder(test);
    describeSettle(test);
    describeFencing(test);
    describeLeases(test);
    describeHistory(test);
    describeList(test);
    describeFilters(test);
    describeWaits(test);
    describeUpdate(test);
    describeCancel(test);
    describeRetry(test);
    describeBulk(test);
    describeFailures(test);
    describeQueues(test);
    describeTime(test);
    describeClock(test);
    describeInstances(test);
    describeServices(test);
    describePrincipals(test);
    describeAudit(test);
    describeMeasures(test);
    describeWatch(test);
    describeLifecycle(test);
    describeWorkflows(test);
    describeWorkflowSteps(test);
    describeWorkflowEnds(test);
    describeTroubledWorkflows(test);
    describeEvents(test);
    describeSubscriptions(test);
    describeSubscriptionUpdates(test);
    describeSubscriptionEnds(test);
    describeOrdering(test);
    describeWorkflowFlow(test);
  });
}

/** What every engine promises, as tests: the contract of src/store/store.ts and the rules of the queue that show there. */

import { describe } from "vitest";
import { describeBulk } from "./conformance/bulk.ts";
import { describeCancel } from "./conformance/cancel.ts";
import { describeClaim } from "./conformance/claim.ts";
import { describeClock } from "./conformance/clock.ts";
import { describeDeduplication } from "./conformance/deduplication.ts";
import { describeDispatch } from "./conformance/dispatch.ts";
import { describeEnqueue } from "./conformance/enqueue.ts";
import { describeEvents } from "./conformance/events.ts";
import { describeFencing } from "./conformance/fencing.ts";
import { describeHistory } from "./conformance/history.ts";
import { describeIdempotency } from "./conformance/idempotency.ts";
import { describeInstances } from "./conformance/instances.ts";
import { describeLeases } from "./conformance/leases.ts";
import { describeLifecycle } from "./conformance/lifecycle.ts";
import { describeList } from "./conformance/list.ts";
import { describeOrder } from "./conformance/order.ts";
import { describeOrdering } from "./conformance/ordering.ts";
import { describeQueueDepth } from "./conformance/queue-depth.ts";
import { describeQueues } from "./conformance/queues.ts";
import { describeRetry } from "./conformance/retry.ts";
import { describeSettle } from "./conformance/settle.ts";
import { describeSubscriptionEnds } from "./conformance/subscription-ends.ts";
import { describeSubscriptionUpdates } from "./conformance/subscription-updates.ts";
import { describeSubscriptions } from "./conformance/subscriptions.ts";
import { describeTime } from "./conformance/time.ts";
import { describeTypes } from "./conformance/types.ts";
import { describeWatch } from "./conformance/watch.ts";
import { describeWorkflowEnds } from "./conformance/workflow-ends.ts";
import { describeWorkflowFlow } from "./conformance/workflow-flow.ts";
import { describeWorkflowSteps } from "./conformance/workflow-steps.ts";
import { describeWorkflows } from "./conformance/workflows.ts";
import { createStoreTest, type StoreOpener } from "./lab.ts";

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
    describeQueueDepth(test);
    describeClaim(test);
    describeTypes(test);
    describeDispatch(test);
    describeOrder(test);
    describeSettle(test);
    describeFencing(test);
    describeLeases(test);
    describeHistory(test);
    describeList(test);
    describeCancel(test);
    describeRetry(test);
    describeBulk(test);
    describeQueues(test);
    describeTime(test);
    describeClock(test);
    describeInstances(test);
    describeWatch(test);
    describeLifecycle(test);
    describeWorkflows(test);
    describeWorkflowSteps(test);
    describeWorkflowEnds(test);
    describeEvents(test);
    describeSubscriptions(test);
    describeSubscriptionUpdates(test);
    describeSubscriptionEnds(test);
    describeOrdering(test);
    describeWorkflowFlow(test);
  });
}

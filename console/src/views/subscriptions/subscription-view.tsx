import { type Subscription, SubscriptionState } from "../../../../gen/sitq/v1/event_service_pb.js";
import { useLive } from "../../live/use-live.ts";
import { href, type Route } from "../../route.ts";
import { rpc } from "../../rpc/clients.ts";
import { Age } from "../../ui/age.tsx";
import { type Fact, Facts } from "../../ui/facts.tsx";
import { FailureNote } from "../../ui/failure-note.tsx";
import { Foreign } from "../../ui/foreign.tsx";
import { QueueLink } from "../../ui/links.tsx";
import { counted, msOf, rate, span } from "../../ui/text.ts";
import { TimeOf } from "../../ui/time-of.tsx";
import { useLoad } from "../../ui/use-load.ts";
import { CatchUp } from "./catch-up.tsx";
import { SubscriptionActions } from "./subscription-actions.tsx";
import { SubscriptionStateMark } from "./subscription-state.tsx";

/** One subscription: how far it is behind, what it selects, and what can be done to it. `#/subscription/NAME`. */
export function SubscriptionView({ route: { path } }: { readonly route: Route }) {
  const name = path[1] ?? "";
  const { value, failure, isLoading, reload } = useLoad(`subscription ${name}`, (signal) =>
    rpc.events.getSubscription({ name }, { signal }),
  );
  useLive(reload);
  const subscription = value?.subscription;
  return (
    <>
      <div class="title">
        <h1>
          <Foreign text={name} /> {subscription !== undefined && <SubscriptionStateMark state={subscription.state} />}
        </h1>
        {subscription !== undefined && <SubscriptionActions subscription={subscription} onChanged={reload} />}
      </div>
      <FailureNote failure={failure} onRetry={reload} />
      {subscription === undefined ? (
        isLoading && <p class="empty">Loading.</p>
      ) : (
        <>
          <Facts facts={lagOf(subscription)} />
          <h2>What it gets</h2>
          <Facts facts={settingsOf(subscription)} />
        </>
      )}
    </>
  );
}

function lagOf(subscription: Subscription): readonly Fact[] {
  const { queue, state, waitingCount, runningCount, failedCount, oldestWaitingTime, deliveryRate } = subscription;
  const isLive = state === SubscriptionState.LIVE;
  return [
    ["Waiting", `${counted(waitingCount, "delivery", "deliveries")}${isLive ? "" : ", and events not taken in"}`],
    ["Oldest", oldestWaitingTime === undefined ? null : <Age at={oldestWaitingTime} suffix=" old" />],
    ["Running", counted(runningCount, "delivery", "deliveries")],
    [
      "Failed",
      failedCount === 0n ? (
        "none"
      ) : (
        <a href={href(["tasks"], { queue, state: "failed" })}>{counted(failedCount, "delivery", "deliveries")}</a>
      ),
    ],
    ["Rate", `${rate(deliveryRate)} a second, over the last minute`],
    ["Caught up in", <CatchUp key="catch-up" {...subscription} />],
    ["Taken in up to", <code key="position">{subscription.position}</code>],
  ];
}

function settingsOf(subscription: Subscription): readonly Fact[] {
  const { filter, queue, orderingKey, maxAttempts, attemptTimeout, createTime } = subscription;
  const attributes = Object.entries(filter?.attributes ?? {}).map(([name, value]) => `${name}=${value}`);
  const timeoutMs = msOf(attemptTimeout);
  return [
    ["Types", <Foreign key="types" text={filter?.types.join(", ") || "all"} most={4_000} />],
    ["Source", filter?.sourceService ? <Foreign text={filter.sourceService} /> : null],
    ["Subject", filter?.subject ? <Foreign text={filter.subject} /> : null],
    ["Correlation", filter?.correlationId ? <Foreign text={filter.correlationId} /> : null],
    ["Attributes", attributes.length === 0 ? null : <Foreign text={attributes.join(", ")} most={4_000} />],
    ["Queue", <QueueLink key="queue" name={queue} />],
    ["Ordered by", orderingKey === "" ? null : <Foreign text={orderingKey} />],
    ["Attempts", maxAttempts === 0 ? "as its queue has it" : `at most ${maxAttempts}`],
    ["Timeout of one", timeoutMs === null ? null : span(timeoutMs)],
    ["Created", <TimeOf key="created" at={createTime} />],
  ];
}

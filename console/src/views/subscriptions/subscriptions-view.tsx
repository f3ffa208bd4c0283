import { type Subscription, SubscriptionState } from "../../../../gen/sitq/v1/event_service_pb.js";
import { useLive } from "../../live/use-live.ts";
import type { Route } from "../../route.ts";
import { rpc } from "../../rpc/clients.ts";
import { Age } from "../../ui/age.tsx";
import { FailureNote } from "../../ui/failure-note.tsx";
import { Foreign } from "../../ui/foreign.tsx";
import { QueueLink, SubscriptionLink } from "../../ui/links.tsx";
import { Pager, pageOf } from "../../ui/pager.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { count, rate } from "../../ui/text.ts";
import { useLoad } from "../../ui/use-load.ts";
import { EventTabs } from "../events/event-tabs.tsx";
import { CatchUp } from "./catch-up.tsx";
import { SubscriptionStateMark } from "./subscription-state.tsx";

const columns: readonly Column<Subscription>[] = [
  { title: "Subscription", cell: ({ name }) => <SubscriptionLink name={name} /> },
  { title: "Queue", cell: ({ queue }) => <QueueLink name={queue} /> },
  { title: "State", cell: ({ state }) => <SubscriptionStateMark state={state} /> },
  { title: "Waiting", cell: ({ waitingCount }) => count(waitingCount), align: "end" },
  { title: "Oldest", cell: ({ oldestWaitingTime }) => <Age at={oldestWaitingTime} />, align: "end" },
  { title: "Running", cell: ({ runningCount }) => count(runningCount), align: "end" },
  { title: "Done/s", cell: ({ deliveryRate }) => rate(deliveryRate), align: "end" },
  { title: "Caught up in", cell: CatchUp, align: "end" },
  { title: "Failed", cell: ({ failedCount }) => count(failedCount), align: "end" },
  {
    title: "Types",
    cell: ({ filter }) => <Foreign text={filter?.types.join(", ") || "all"} most={100} />,
    isExtra: true,
  },
];

/** The subscriptions to events, and how far each is behind. */
export function SubscriptionsView({ route }: { readonly route: Route }) {
  const pageToken = pageOf(route);
  const { value, failure, isLoading, reload } = useLoad(`subscriptions ${pageToken}`, (signal) =>
    rpc.events.listSubscriptions({ pageSize: 100, pageToken }, { signal }),
  );
  useLive(reload);
  const behind = value?.subscriptions.filter(({ state }) => state !== SubscriptionState.LIVE).length ?? 0;
  return (
    <>
      <h1>Events</h1>
      <EventTabs active="subscriptions" />
      <FailureNote failure={failure} onRetry={reload} />
      {value === null ? (
        isLoading && <p class="empty">Loading.</p>
      ) : (
        <>
          {behind > 0 && (
            <p class="muted">
              Events that a subscription has not taken in are not counted as waiting while it is paused or catches up.
            </p>
          )}
          <Table
            caption="Subscriptions"
            columns={columns}
            rows={value.subscriptions}
            rowKey={({ name }) => name}
            empty="There is no subscription. A service creates its own."
          />
          <Pager route={route} next={value.nextPageToken} />
        </>
      )}
    </>
  );
}

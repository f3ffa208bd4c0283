import type { Value } from "@bufbuild/protobuf/wkt";
import type { Event } from "../../../../gen/sitq/v1/event_pb.js";
import { TaskState } from "../../../../gen/sitq/v1/task_pb.js";
import { mayReadEvents } from "../../live/rights.ts";
import { useLive } from "../../live/use-live.ts";
import type { Route } from "../../route.ts";
import { rpc } from "../../rpc/clients.ts";
import { CopyButton } from "../../ui/copy-button.tsx";
import { type Fact, Facts } from "../../ui/facts.tsx";
import { FailureNote } from "../../ui/failure-note.tsx";
import { Foreign } from "../../ui/foreign.tsx";
import { TraceLink } from "../../ui/links.tsx";
import { PayloadView } from "../../ui/payload-view.tsx";
import { counted } from "../../ui/text.ts";
import { TimeOf } from "../../ui/time-of.tsx";
import { useLoad } from "../../ui/use-load.ts";
import { DeliveryTable } from "./delivery-table.tsx";

const finished: ReadonlySet<TaskState> = new Set([TaskState.COMPLETED, TaskState.FAILED, TaskState.CANCELLED]);

/** One event with its data and who got it: `#/event/SOURCE/ID`. */
export function EventView({ route: { path } }: { readonly route: Route }) {
  const [, sourceService = "", eventId = ""] = path;
  const { value, failure, isLoading, reload } = useLoad(`event ${JSON.stringify(path)}`, (signal) =>
    rpc.events.getEvent({ eventId, sourceService }, { signal }),
  );
  const isDelivered = value?.deliveries.every(({ state }) => finished.has(state)) ?? false;
  useLive(isDelivered ? null : reload);
  const event = value?.event;
  return (
    <>
      <FailureNote failure={failure} onRetry={reload} />
      {event === undefined || value === null ? (
        <>
          <h1>Event</h1>
          {isLoading && <p class="empty">Loading.</p>}
        </>
      ) : (
        <>
          <h1>
            <Foreign text={event.type} />
          </h1>
          <p class="id">
            <code>
              <Foreign text={event.id} />
            </code>{" "}
            <CopyButton text={event.id} label="Copy id" />
          </p>
          {event.damagedFields.length > 0 && (
            <p class="failure">The event is damaged on the disk: what is shown of it may be wrong.</p>
          )}
          <Facts facts={factsOf(event)} />
          <h2>Deliveries</h2>
          <p class="muted">
            {value.deliveredTo === 0
              ? "No subscription matched it when it was stored."
              : `It was delivered to ${counted(value.deliveredTo, "subscription")} when it was stored.`}
          </p>
          {value.deliveries.length > 0 && <DeliveryTable event={event} deliveries={value.deliveries} />}
          <h2>Data</h2>
          <PayloadView
            payload={event.data}
            isHidden={!mayReadEvents(event.type)}
            isDamaged={event.damagedFields.includes("data")}
            name={event.id}
          />
        </>
      )}
    </>
  );
}

function factsOf(event: Event): readonly Fact[] {
  const attributes = Object.entries(event.attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    ["Source", <Foreign key="source" text={event.sourceService} />],
    ["Subject", event.subject === "" ? null : <Foreign text={event.subject} />],
    ["Correlation", event.correlationId === "" ? null : <TraceLink correlationId={event.correlationId} />],
    ["Caused by", event.causationId === "" ? null : <Foreign text={event.causationId} />],
    ["Happened", <TimeOf key="time" at={event.time} />],
    ["Stored", <TimeOf key="stored" at={event.publishTime} />],
    ["Position", <code key="position">{event.position}</code>],
    [
      "Attributes",
      attributes.length === 0 ? null : (
        <ul class="plain">
          {attributes.map(([name, value]) => (
            <li key={name}>
              <code>{name}</code> <Foreign text={attributeText(value)} />
            </li>
          ))}
        </ul>
      ),
    ],
  ];
}

function attributeText({ kind }: Value): string {
  return kind.case === "stringValue" || kind.case === "numberValue" || kind.case === "boolValue" ? `${kind.value}` : "";
}

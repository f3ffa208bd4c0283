import type { Event } from "../../../../gen/sitq/v1/event_pb.js";
import { parseDuration } from "../../../../src/contract/duration.ts";
import { href, navigate, type Route } from "../../route.ts";
import { ViewStreamNote } from "../../shell/stream-note.tsx";
import { Age } from "../../ui/age.tsx";
import { FailureNote } from "../../ui/failure-note.tsx";
import { Foreign } from "../../ui/foreign.tsx";
import { eventHref, TraceLink } from "../../ui/links.tsx";
import { Pager } from "../../ui/pager.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { type EventQuery, eventQueryOf, wordsOf } from "./event-query.ts";
import { EventTabs } from "./event-tabs.tsx";
import { useEvents } from "./use-events.ts";

const columns: readonly Column<Event>[] = [
  {
    title: "Event",
    cell: ({ type, id, sourceService }) => (
      <a href={eventHref(sourceService, id)}>
        <Foreign text={type} most={80} />
      </a>
    ),
  },
  { title: "Source", cell: ({ sourceService }) => <Foreign text={sourceService} most={60} /> },
  { title: "Subject", cell: ({ subject }) => <Foreign text={subject} most={80} /> },
  { title: "Correlation", cell: ({ correlationId }) => <TraceLink correlationId={correlationId} /> },
  { title: "Id", cell: ({ id }) => <Foreign text={id} most={14} />, isShort: true, isExtra: true },
  { title: "Stored", cell: ({ publishTime }) => <Age at={publishTime} suffix=" ago" />, align: "end" },
];

/** The log of events, newest first. */
export function EventsView({ route }: { readonly route: Route }) {
  const query = eventQueryOf(route.query);
  const { events, nextPageToken, failure, reload, stream } = useEvents(route);
  return (
    <>
      <h1>Events</h1>
      <EventTabs active="events" />
      {stream !== null && <ViewStreamNote {...stream} />}
      <EventFilters query={query} />
      {query.since !== "" && parseDuration(query.since.trim()) === undefined && (
        <p class="failure">“{query.since}” is no duration: write 10m, 1h30m or 2d. Events of every time are shown.</p>
      )}
      <FailureNote failure={failure} onRetry={reload} />
      {events === null ? (
        failure === null && <p class="empty">Loading.</p>
      ) : (
        <>
          <Table
            caption="Events"
            columns={columns}
            rows={events}
            rowKey={({ position }) => position}
            empty={nextPageToken === "" ? "There is no such event." : "None on this page: go on to the next one."}
          />
          <Pager route={route} next={nextPageToken} />
        </>
      )}
    </>
  );
}

function EventFilters({ query }: { readonly query: EventQuery }) {
  function change(changed: Partial<EventQuery>): void {
    navigate(href(["events"], { ...query, ...changed }), "replace");
  }
  return (
    <search class="filters">
      <TextFilter
        label="Type"
        value={query.type.join(" ")}
        placeholder="order.*"
        onChange={(text) => change({ type: wordsOf(text) })}
      />
      <TextFilter label="Source" value={query.source} onChange={(source) => change({ source })} />
      <TextFilter label="Subject" value={query.subject} onChange={(subject) => change({ subject })} />
      <TextFilter
        label="Correlation id"
        value={query.correlation}
        onChange={(correlation) => change({ correlation })}
      />
      <TextFilter
        label="Attributes"
        value={query.attribute.join(" ")}
        placeholder="tenant=acme"
        onChange={(text) => change({ attribute: wordsOf(text) })}
      />
      <TextFilter
        label="Within"
        value={query.since}
        placeholder="1h"
        onChange={(text) => change({ since: text.trim() })}
      />
    </search>
  );
}

interface TextFilterProps {
  readonly label: string;
  readonly value: string;
  readonly placeholder?: string;
  onChange(text: string): void;
}

function TextFilter({ label, value, placeholder, onChange }: TextFilterProps) {
  return (
    <label class="filter">
      {label}
      <input
        type="search"
        size={14}
        value={value}
        placeholder={placeholder}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      />
    </label>
  );
}

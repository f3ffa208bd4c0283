/** What is refused of events and subscriptions. */

import { quoted, SitqError } from "../errors.ts";

/** No event has the id. @param sourceService the source that was asked for; `null`: any */
export function eventNotFound(id: string, sourceService: string | null): SitqError {
  const source = sourceService === null ? "" : ` of ${sourceService}`;
  return new SitqError("EVENT_NOT_FOUND", `There is no event ${quoted(id)}${source}.`, {
    field: "event_id",
    metadata: { event_id: id, ...(sourceService !== null && { source_service: sourceService }) },
  });
}

/** The source published another event under the id. @param position of that event */
export function eventIdReused(id: string, sourceService: string, position: string): SitqError {
  return new SitqError("EVENT_ID_REUSED", `${sourceService} published another event under the id ${quoted(id)}.`, {
    field: "event.id",
    metadata: { event_id: id, source_service: sourceService, position },
  });
}

/** Events behind the start are no longer kept. @param earliest the oldest position to begin at */
export function positionExpired(earliest: string): SitqError {
  return new SitqError(
    "POSITION_EXPIRED",
    "Events after this start are no longer kept. Start at the earliest event that is kept; some events are missing.",
    { field: "start", metadata: { earliest_position: earliest } },
  );
}

/** No subscription has the name. @param field the field that names it */
export function subscriptionNotFound(field: string, name: string): SitqError {
  return new SitqError("SUBSCRIPTION_NOT_FOUND", `There is no subscription ${quoted(name)}.`, {
    field,
    metadata: { subscription: name },
  });
}

/** A subscription of the name has other content. @param field what differs, by its name in the contract */
export function subscriptionExists(name: string, field: string): SitqError {
  const advice =
    field === "queue" || field === "ordering_key"
      ? "That cannot be changed: choose another name, or delete it first, which cancels its waiting deliveries."
      : "Change it in place with UpdateSubscription (sitq subscription update), or choose another name.";
  return new SitqError("SUBSCRIPTION_EXISTS", `The subscription ${name} exists with another ${field}. ${advice}`, {
    field: `subscription.${field}`,
    metadata: { subscription: name, differs: field },
  });
}

/** Events wait for the subscription under as many other filters as it may have. */
export function subscriptionBehind(name: string): SitqError {
  return new SitqError(
    "SUBSCRIPTION_BEHIND",
    `The subscription ${name} has a backlog of events from 100 earlier filters. Let it catch up first.`,
    { field: "subscription.filter", metadata: { subscription: name } },
  );
}

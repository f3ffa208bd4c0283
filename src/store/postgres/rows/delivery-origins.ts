import type { StoredEvent } from "../../../domain/events/event.ts";
import type { TaskOrigin } from "../../../domain/tasks/task.ts";
import { eventOf, type WholeEventRow, wholeEventColumns } from "../../rows/event-rows.ts";
import type { Keys } from "../database/keys.ts";
import type { Statements } from "../database/statements.ts";
import type { ClaimContext, OriginRow, Origins } from "./origins.ts";

interface NameRow {
  readonly key: number;
  readonly event_id: string;
  readonly source_service: string;
  readonly subscription: string;
}

/** What deliveries belong to: the events and the subscriptions. */
export function createDeliveryOrigins(db: Statements, keys: Keys): Origins {
  async function eventsByKey(rows: readonly OriginRow[]): Promise<ReadonlyMap<number, StoredEvent>> {
    const wanted = [...new Set(rows.flatMap(({ event_key: key }) => key ?? []))];
    const found = await db.all<WholeEventRow>(`SELECT ${wholeEventColumns} FROM event WHERE id = ANY($1)`, [wanted]);
    return new Map(found.map((row) => [row.id, eventOf(row, keys)]));
  }

  async function subscriptionNames(rows: readonly OriginRow[]): Promise<ReadonlyMap<number, string>> {
    const wanted = [...new Set(rows.flatMap(({ subscription_id: id }) => id ?? []))];
    const found = await db.all<{ id: number; name: string }>("SELECT id, name FROM subscription WHERE id = ANY($1)", [
      wanted,
    ]);
    return new Map(found.map(({ id, name }) => [id, name]));
  }

  return {
    async of(rows) {
      const found = await db.all<NameRow>(
        `SELECT delivery.key, event_id, source_service, subscription.name AS subscription
         FROM unnest($1::bigint[], $2::bigint[], $3::int[]) AS delivery (key, event_key, subscription_id)
         JOIN event ON event.id = delivery.event_key JOIN subscription ON subscription.id = delivery.subscription_id`,
        [
          rows.map(({ id }) => id),
          rows.map(({ event_key: key }) => key),
          rows.map(({ subscription_id: subscription }) => subscription),
        ],
      );
      return new Map(
        found.map(({ key, event_id: eventId, source_service: sourceService, subscription }): [number, TaskOrigin] => [
          key,
          { kind: "delivery", eventId, sourceService, subscription },
        ]),
      );
    },

    async claimContexts(rows) {
      const events = await eventsByKey(rows);
      const names = await subscriptionNames(rows);
      return new Map(
        rows.map((row): [number, ClaimContext] => {
          const whole = events.get(row.event_key ?? 0);
          const subscription = names.get(row.subscription_id ?? 0);
          if (whole === undefined || subscription === undefined) throw new Error(`delivery ${row.id} has no event`);
          const { data, ...event } = whole;
          const origin = {
            kind: "delivery",
            eventId: event.id,
            sourceService: event.sourceService,
            subscription,
          } as const;
          return [row.id, { origin, event: { ...event, data: null }, data, step: null, bytes: data?.length ?? 0 }];
        }),
      );
    },

    async eventsOf(rows) {
      const events = await eventsByKey(rows);
      return new Map(
        rows.flatMap((row): [number, StoredEvent][] => {
          const event = events.get(row.event_key ?? 0);
          return event === undefined ? [] : [[row.id, event]];
        }),
      );
    },
  };
}

import type { Event } from "../../../gen/sitq/v1/event_pb.js";
import type { AttributeValue } from "../../contract/json-value.ts";
import { fromAttributes } from "../values/event-attributes.ts";
import { fromPayload } from "../values/payload.ts";
import { LazyView } from "./lazy-view.ts";
import { plainTime } from "./plain.ts";

/** An event as its subscribers and watchers see it. */
export interface EventInfo {
  readonly id: string;
  readonly type: string;
  /** The service that said so. */
  readonly sourceService: string;
  /** What it happened to; empty: it was not said. */
  readonly subject: string;
  /** When it happened, by its publisher's clock; when it was stored, if that was not said. */
  readonly time: Date;
  /** Empty: none. */
  readonly correlationId: string;
  /** What caused it; empty: it was not said. */
  readonly causationId: string;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** Its place among all events, to begin behind. */
  readonly position: string;
  /** When it was stored. */
  readonly publishTime: Date;
  /** What is missing because the event is damaged on the server's disk: nothing else of it is certain then. Empty: it is sound. */
  readonly damagedFields: readonly string[];
  /** All of it as it came, times to the nanosecond; a delivery's is without data. */
  readonly message: Event;
}

/** An event that was received. */
export class ReceivedEvent extends LazyView implements EventInfo {
  readonly message: Event;

  constructor(message: Event) {
    super();
    this.message = message;
  }

  get id() {
    return this.message.id;
  }
  get type() {
    return this.message.type;
  }
  get sourceService() {
    return this.message.sourceService;
  }
  get subject() {
    return this.message.subject;
  }
  get time() {
    return plainTime(this.message.time) ?? this.publishTime;
  }
  get correlationId() {
    return this.message.correlationId;
  }
  get causationId() {
    return this.message.causationId;
  }
  get attributes() {
    return fromAttributes(this.message.attributes);
  }
  get position() {
    return this.message.position;
  }
  get publishTime() {
    return plainTime(this.message.publishTime) ?? new Date(0);
  }
  get damagedFields() {
    return this.message.damagedFields;
  }
}

/** An event with its data. */
export interface WatchedEvent extends EventInfo {
  /** A plain value, as `fromPayload` reads it. */
  readonly data: unknown;
}

/** A watched event that was received. */
export class ReceivedWatchedEvent extends ReceivedEvent implements WatchedEvent {
  get data() {
    return fromPayload(this.message.data);
  }
}

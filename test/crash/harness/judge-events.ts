import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { Event } from "../../../gen/sitq/v1/event_pb.js";
import type { GetEventResponse } from "../../../gen/sitq/v1/event_service_pb.js";
import { AttemptOutcome, type Task, type TaskAttempt, TaskState } from "../../../gen/sitq/v1/task_pb.js";
import type { History } from "./history.ts";
import type { PublishRecord } from "./publishers.ts";

/** A subscription of the crash test, and which events it is to be told of. */
export interface Subscriber {
  readonly name: string;
  readonly matches: (type: string) => boolean;
  /** It was there before the first event: told in the transaction that stored it. */
  readonly isEarly: boolean;
}

/** What is left when everything has healed. */
export interface EventRemains {
  /** Every event that a listing shows. */
  readonly listed: readonly Event[];
  /** The report of each of them, by id. */
  readonly reports: ReadonlyMap<string, GetEventResponse>;
  /** What a watcher was told, in its order. */
  readonly watched: readonly string[];
  /** The deliveries of the subscription that is ordered by subject. */
  readonly ordered: readonly Task[];
}

/** What is wrong; all of it must be nothing. */
export interface EventVerdict {
  readonly lost: string[];
  readonly unexpected: string[];
  readonly duplicated: string[];
}

/** Compares what publishers, watchers and subscribers were told with what is left. */
export function judgeEvents(
  history: History,
  published: ReadonlyMap<string, PublishRecord>,
  subscribers: readonly Subscriber[],
  remains: EventRemains,
): EventVerdict {
  const verdict: EventVerdict = { lost: [], unexpected: [...history.unexpected], duplicated: [] };
  const { lost, unexpected, duplicated } = verdict;
  for (const [id, events] of Map.groupBy(remains.listed, (event) => event.id)) {
    if (events.length > 1) duplicated.push(`event ${id} is there ${events.length} times`);
    if (!published.has(id)) unexpected.push(`event ${id}, which nobody published`);
  }
  for (const record of published.values()) {
    const { id, positions } = record;
    if (new Set(positions).size > 1) duplicated.push(`event ${id}: answered with ${positions.join(", ")}`);
    const report = remains.reports.get(id);
    if (report === undefined) lost.push(`event ${id}`);
    else judgeReport(record, report, subscribers, verdict);
  }
  judgeWatch(remains, verdict);
  judgeOrder(remains.ordered, verdict);
  return verdict;
}

function judgeReport(
  { id, type, positions, deliveredTo }: PublishRecord,
  { event, deliveredTo: told, deliveries }: GetEventResponse,
  subscribers: readonly Subscriber[],
  { lost, unexpected, duplicated }: EventVerdict,
): void {
  if (positions.some((position) => position !== event?.position)) unexpected.push(`event ${id}: another position`);
  if (deliveredTo.some((count) => count !== told))
    unexpected.push(`event ${id}: delivered to ${told}, or ${deliveredTo}`);
  for (const { name, matches, isEarly } of subscribers) {
    const own = deliveries.filter(({ subscription }) => subscription === name);
    if (own.length > 1) duplicated.push(`event ${id} was delivered ${own.length} times to ${name}`);
    if (own.length > 0 && !matches(type)) unexpected.push(`event ${id} of type ${type} was delivered to ${name}`);
    if (own.length === 0 && matches(type)) lost.push(`event ${id} was not delivered to ${name}`);
    for (const { state } of own) {
      if (state !== TaskState.COMPLETED) lost.push(`event ${id}: its delivery to ${name} is ${TaskState[state]}`);
    }
    if (isEarly && own.length > 0 && told === 0) unexpected.push(`event ${id}: delivered, and said to be to nobody`);
  }
}

/** A watcher sees each event once, in the order of the positions. */
function judgeWatch({ listed, watched }: EventRemains, { lost, unexpected, duplicated }: EventVerdict): void {
  const inOrder = listed.toSorted((a, b) => (a.position < b.position ? -1 : 1)).map(({ id }) => id);
  const seen = new Set(watched);
  if (seen.size < watched.length) duplicated.push(`the watcher saw ${watched.length - seen.size} events again`);
  for (const id of inOrder) if (!seen.has(id)) lost.push(`event ${id} was kept from the watcher`);
  if (watched.join() !== inOrder.join()) unexpected.push("the watcher saw the events in another order");
}

/** Of the deliveries of one subject the next one begins when the one before is finished. */
function judgeOrder(tasks: readonly Task[], { unexpected }: EventVerdict): void {
  const bySubject = Map.groupBy(tasks, ({ event }) => event?.subject ?? "");
  for (const [subject, of] of bySubject) {
    if (subject === "") continue;
    const inOrder = of.toSorted((a, b) => ((a.event?.position ?? "") < (b.event?.position ?? "") ? -1 : 1));
    inOrder.forEach((task, index) => {
      const before = inOrder[index - 1];
      const began = task.attempts[0]?.startTime;
      if (before?.finishTime === undefined || began === undefined) return;
      if (timestampMs(began) >= timestampMs(before.finishTime)) return;
      const first = `${before.event?.id}, ${before.attempts.map(shown).join(", ")}`;
      const second = `${task.event?.id}, ${task.attempts.map(shown).join(", ")}`;
      unexpected.push(`of subject ${subject} ${second} began before this was finished: ${first}`);
    });
  }
}

function shown({ attempt, outcome, startTime, finishTime }: TaskAttempt): string {
  const [from, to] = [startTime, finishTime].map((time) => (time === undefined ? "?" : `${timestampMs(time)}`));
  return `${attempt} ${AttemptOutcome[outcome]} ${from} to ${to}`;
}

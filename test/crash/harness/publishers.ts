import { setTimeout as pause } from "node:timers/promises";
import type { Client as GrpcClient } from "@grpc/grpc-js";
import { EventService, type PublishResult } from "../../../gen/sitq/v1/event_service_pb.js";
import { createClient } from "../../../src/grpc/client/client.ts";
import type { SeededRandom } from "../../harness/seeded-random.ts";
import type { History } from "./history.ts";
import { untilAnswered } from "./until-answered.ts";

/** An event that a publisher told, or tried to. */
export interface PublishRecord {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  /** Calls that were made, the ones without an answer included. */
  tries: number;
  /** One for each answer. */
  readonly positions: string[];
  readonly deliveredTo: number[];
  /** The first answer said that the event was there already: an earlier try had stored it, and its answer was lost. */
  recovered: boolean;
}

/** What every publisher of the crash test is handed. */
export interface PublishLoad {
  readonly channel: GrpcClient;
  readonly history: History;
  /** By id. */
  readonly published: Map<string, PublishRecord>;
  readonly random: SeededRandom;
  /** When aborted, nothing new is begun; what is under way is brought to its end. */
  readonly stop: AbortSignal;
}

const callTimeoutMs = 5_000;
const subjects = ["a", "b", "c", ""] as const;

/** A publisher that tells one event after the other, or several at once, now and then one that was answered before. */
export async function publishSome(load: PublishLoad, name: string, mostAtOnce: number): Promise<void> {
  const client = createClient(EventService, load.channel);
  const { history, random, stop } = load;
  const answered: PublishRecord[] = [];
  for (let count = 0; !stop.aborted; count++) {
    const old = random.chance(0.1) ? answered[random.integer(0, answered.length - 1)] : undefined;
    const size = random.integer(1, mostAtOnce);
    const records = old
      ? [old]
      : Array.from({ length: size }, (_, index) => newEvent(load, `${name}-${count}-${index}`));
    const requests = records.map(({ id, type, subject }) => ({ event: { id, type, subject, sourceService: name } }));
    const outcome = await untilAnswered(
      history,
      () => client.publishBatch({ requests }, { timeoutMs: callTimeoutMs }),
      () => {
        for (const record of records) record.tries++;
      },
    );
    if ("refusal" in outcome) history.unexpected.push(`publish ${name}-${count}: ${outcome.refusal.message}`);
    else for (const [index, record] of records.entries()) take(history, record, outcome.answer.results[index]);
    if (old === undefined) answered.push(...records);
    await pause(random.integer(5, 30));
  }
}

function newEvent({ published, random }: PublishLoad, id: string): PublishRecord {
  const type = random.pick(["order.created", "order.sent", "parcel.sent"]);
  const record: PublishRecord = {
    id,
    type,
    subject: random.pick(subjects),
    tries: 0,
    positions: [],
    deliveredTo: [],
    recovered: false,
  };
  published.set(id, record);
  return record;
}

/** Writes down an answer, and says what is wrong with it. */
function take(history: History, record: PublishRecord, answer: PublishResult | undefined): void {
  const { id, positions, tries } = record;
  if (answer?.event === undefined) {
    history.unexpected.push(`publish ${id}: ${answer?.error?.message ?? "no event in the answer"}`);
    return;
  }
  const isFirst = positions.length === 0;
  if (isFirst && !answer.created) {
    if (tries === 1) history.unexpected.push(`publish ${id}: it was there before the first try`);
    record.recovered = true;
  }
  if (!isFirst && answer.created) history.unexpected.push(`publish ${id}: stored again after it was answered`);
  positions.push(answer.event.position);
  record.deliveredTo.push(answer.deliveredTo);
}

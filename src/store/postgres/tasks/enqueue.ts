import { laneOf } from "../../../domain/balancing/dispatch.ts";
import { idOfKey } from "../../../domain/ids.ts";
import { isSameRequest, judgeDuplicate, type RequestContent } from "../../../domain/tasks/deduplication.ts";
import { initialTimes } from "../../../domain/tasks/initial-times.ts";
import { type NewTask, serverErrors } from "../../../domain/tasks/task.ts";
import { askedFor, optionsText } from "../../../domain/tasks/task-options.ts";

import { stateOf, taskIs } from "../../rows/task-states.ts";
import type { CreatedTask, EnqueueAnswer } from "../../task-store.ts";
import { Repeatable } from "../database/sql-state.ts";
import type { Engine } from "../engine/engine.ts";
import { createQueueRooms, type Room, type Rooms } from "../engine/queue-rooms.ts";
import { distinctRuns, type SetVerb } from "../engine/set-verbs.ts";
import { insertTasks, sendTasks, type TaskInsertion } from "./insert-tasks.ts";
import { removeRequests } from "./remove-rows.ts";
import { tasksOf, type WholeTaskRow, wholeColumns } from "./task-content.ts";
import type { Transitions } from "./transitions.ts";

/** A task that is to be stored. */
interface Draft {
  readonly task: NewTask;
  readonly options: string | null;
  readonly nowMs: number;
  readonly key: number;
}

/** What stands in the way of a task: the answer to it, an existing task that answers it, or the one that it replaces. */
type Verdict = EnqueueAnswer | { readonly existing: WholeTaskRow } | { readonly replaces: WholeTaskRow } | null;

/** The tasks that are there already, by request id, and those that are unfinished, by queue and deduplication key. */
interface Found {
  readonly requests: ReadonlyMap<string, WholeTaskRow>;
  readonly keys: ReadonlyMap<string, WholeTaskRow>;
}

/** A request id that was there already, and the task that it made. */
interface Requested {
  readonly asked: string;
  readonly task_id: number;
}

/** How often what other servers store at the same moment is looked at, before everything runs again. */
const mostRounds = 20;
/** So many times request ids are looked for as tasks are stored, after one was there already: its producer may be repeating many. */
const carefulRuns = 100;

const nothingFound: Found = { requests: new Map(), keys: new Map() };
const batchRefused: EnqueueAnswer = { status: "batch_refused" };

/**
 * Creates the verb `enqueue`.
 *
 * Tasks are stored without a look for others with their request ids or deduplication keys: the indexes find those, also where another
 * server stores them at the same moment. Only tasks that were not stored for that are looked at, and those of a queue that is nearly full.
 */
export function createEnqueue(engine: Engine, transitions: Transitions): SetVerb<"enqueue"> {
  const { db, queues, changes, keys } = engine;
  const rooms = createQueueRooms(engine);
  let carefulLeft = 0;

  /** A request id was there already: everything runs again. */
  function repeated(): Error {
    carefulLeft = carefulRuns;
    return new Repeatable();
  }

  async function find(drafts: readonly Draft[]): Promise<Found> {
    const requestIds = drafts.flatMap(({ task }) => task.requestId ?? []);
    const requested = requestIds.length === 0 ? [] : await selectRequested(requestIds);
    const known = await queues.find(drafts.map(({ task }) => task.queue));
    const keyed = drafts.flatMap(({ task: { queue, deduplicationKey: key, duplicatePolicy } }) => {
      const entry = known.get(queue);
      return key === null || entry === undefined ? [] : [{ queueId: entry.id, key, duplicatePolicy }];
    });
    const rows = keyed.length === 0 ? [] : await selectKeyed(keyed);
    return {
      requests: new Map(requested.map((row) => [row.request_id ?? "", row])),
      keys: new Map(rows.map((row) => [keyOf(row.queue_id, row.deduplication_key ?? ""), row])),
    };
  }

  async function selectRequested(requestIds: readonly string[]): Promise<WholeTaskRow[]> {
    const rows = await db.all<WholeTaskRow & Requested>(
      `SELECT asked.request_id AS asked, asked.task_id, ${wholeColumns.replaceAll(/\w+/g, "task.$&")}
       FROM task_request AS asked LEFT JOIN task ON task.id = asked.task_id WHERE asked.request_id = ANY($1)`,
      [requestIds],
    );
    // Retention has taken the task, and not come to its request id yet.
    const free = rows.filter((row) => row.request_id === null);
    await removeRequests(
      db,
      free.map(({ asked, task_id: id }) => ({ id, request_id: asked })),
    );
    return rows.filter((row) => row.request_id !== null);
  }

  function selectKeyed(
    keyed: readonly { queueId: number; key: string; duplicatePolicy: NewTask["duplicatePolicy"] }[],
  ): Promise<WholeTaskRow[]> {
    // What is to be replaced must not be claimed meanwhile.
    const lock = keyed.some(({ duplicatePolicy }) => duplicatePolicy === "replace") ? "FOR UPDATE" : "";
    return db.all(
      `SELECT found.* FROM unnest($1::int[], $2::text[]) AS asked (queue_id, key), LATERAL (
         SELECT ${wholeColumns} FROM task_live AS task WHERE queue_id = asked.queue_id AND deduplication_key = asked.key
           AND deduplication_key IS NOT NULL AND ${taskIs.unfinished} OFFSET 0 ${lock}
       ) AS found`,
      [keyed.map(({ queueId }) => queueId), keyed.map(({ key }) => key)],
    );
  }

  /** Whether all fit in, whatever stands in their way, in queues that are there: none is made for a task that is refused. */
  function haveRoom(drafts: readonly Draft[], room: Rooms): boolean {
    if (drafts.some(({ task }) => queues.named(task.queue) === undefined)) return false;
    const added = new Map<string, number>();
    for (const { task } of drafts) added.set(task.queue, (added.get(task.queue) ?? 0) + 1);
    return [...added].every(([queue, n]) => n + (room.get(queue)?.depth ?? 0) <= (room.get(queue)?.limit ?? 0));
  }

  function conflictOf({ task, options }: Draft, { requests, keys: unfinished }: Found): Verdict {
    const requested = task.requestId === null ? undefined : requests.get(task.requestId);
    if (requested !== undefined) {
      const asked = requestOf(requested, queues.known(requested.queue_id).name);
      const isSame = isSameRequest(asked, { ...task, options });
      return isSame ? { existing: requested } : { status: "request_id_reused", id: idOfKey(requested.id) };
    }
    const entry = queues.named(task.queue);
    if (task.deduplicationKey === null || entry === undefined) return null;
    const row = unfinished.get(keyOf(entry.id, task.deduplicationKey));
    if (row === undefined) return null;
    const state = stateOf(row.state);
    switch (judgeDuplicate(task.duplicatePolicy, state)) {
      case "existing":
        return { existing: row };
      case "replace":
        return { replaces: row };
      case "duplicate":
        return { status: "duplicate", id: idOfKey(row.id), state };
    }
  }

  function judge(draft: Draft, found: Found, room: Rooms): Verdict {
    const verdict = conflictOf(draft, found);
    if (verdict !== null && !("replaces" in verdict)) return verdict;
    const of = room.get(draft.task.queue) as Room;
    const waiting = of.depth - (verdict === null ? 0 : 1);
    if (waiting >= of.limit) return { status: "queue_full", depth: waiting };
    of.depth = waiting + 1;
    return verdict;
  }

  /** Stores tasks of which no two have one request id, or one deduplication key in one queue. */
  async function store(drafts: readonly Draft[], isWhole: boolean, known: Rooms | null): Promise<EnqueueAnswer[]> {
    const answers = new Map<Draft, EnqueueAnswer>();
    const existing = new Map<Draft, WholeTaskRow>();
    let open = drafts;
    for (let round = 0; open.length > 0; round++) {
      // Everything runs again, with a new look at what others have stored.
      if (round === mostRounds || (isWhole && round > 0)) throw new Repeatable();
      const room = (round === 0 ? known : null) ?? (await rooms.of(open.map(({ task }) => task)));
      const isLooked = round > 0 || isWhole || !haveRoom(open, room);
      const found = isLooked ? await find(open) : nothingFound;
      if (isLooked) await queues.byId([...found.requests.values()].map((row) => row.queue_id));
      const verdicts = open.map((draft) => [draft, judge(draft, found, room)] as const);
      if (isWhole && verdicts.some(([, verdict]) => isRefusal(verdict)))
        return verdicts.map(([, verdict]) => (isRefusal(verdict) ? verdict : batchRefused));
      const next: Draft[] = [];
      const replaced: WholeTaskRow[] = [];
      for (const [draft, verdict] of verdicts) {
        if (verdict !== null && "existing" in verdict) existing.set(draft, verdict.existing);
        else if (isRefusal(verdict)) answers.set(draft, verdict);
        else next.push(draft);
        if (verdict !== null && "replaces" in verdict) replaced.push(verdict.replaces);
      }
      await replace(replaced, next[0]?.nowMs ?? 0);
      const isFirst = known !== null && !isLooked && next.every(({ task }) => task.deduplicationKey === null);
      open = await insert(next, answers, isFirst && carefulLeft === 0);
      if (carefulLeft > 0) carefulLeft--;
    }
    const rows = [...existing.values()];
    const tasks = rows.length === 0 ? [] : await tasksOf(rows, engine);
    [...existing.keys()].forEach((draft, index) => {
      const task = tasks[index];
      if (task !== undefined) answers.set(draft, { status: "existing", task });
    });
    return drafts.map((draft) => answers.get(draft) as EnqueueAnswer);
  }

  async function replace(rows: readonly WholeTaskRow[], nowMs: number): Promise<void> {
    const end = { to: "cancelled", error: serverErrors.replaced, outcome: "cancelled" } as const;
    await transitions.finalize(
      rows.map((row) => ({ row, ...end })),
      nowMs,
    );
  }

  /** Stores what can be stored, and answers it; returns the others. @param isSent nothing stands in their way, as far as is known */
  async function insert(
    drafts: readonly Draft[],
    answers: Map<Draft, EnqueueAnswer>,
    isSent: boolean,
  ): Promise<readonly Draft[]> {
    const known = await queues.ensure(
      drafts.map(({ task }) => task.queue),
      drafts[0]?.nowMs ?? 0,
    );
    const rows = drafts.map((draft) => rowOf(draft, known.get(draft.task.queue)?.id ?? 0));
    const stored = isSent ? new Set(rows.map(({ key }) => key)) : await insertTasks(db, rows, "skip");
    if (isSent) sendTasks(db, rows, repeated);
    const left: Draft[] = [];
    for (const [index, draft] of drafts.entries()) {
      const row = rows[index] as TaskInsertion;
      if (!stored.has(draft.key)) {
        left.push(draft);
        continue;
      }
      const { settings } = queues.known(row.queueId);
      queues.move(row.queueId, null, row.state, null);
      const task: CreatedTask = {
        id: idOfKey(row.key),
        state: row.state,
        maxAttempts: draft.task.maxAttempts ?? settings.maxAttempts,
        scheduleMs: row.scheduleMs ?? null,
        expireMs: row.expireMs ?? null,
        createMs: keys.timeOf(row.key),
      };
      answers.set(draft, { status: "created", task });
    }
    for (const state of ["pending", "scheduled"] as const) {
      const noted = rows.filter((row) => row.state === state && stored.has(row.key)).map(({ key }) => key);
      await changes.note(noted, state, drafts[0]?.nowMs ?? 0);
    }
    return left;
  }

  function rowOf({ task, options, nowMs, key }: Draft, queueId: number): TaskInsertion {
    const { state, scheduleMs, expireMs, laneUntilMs } = initialTimes(task, nowMs);
    const readyKey = state === "scheduled" && scheduleMs !== null ? keys.at(scheduleMs) : key;
    const lane = task.dispatch && laneOf(task.dispatch);
    return { ...task, key, queueId, state, readyKey, options, scheduleMs, expireMs, lane, laneUntilMs };
  }

  return async (calls) => {
    const all = calls.flatMap(([tasks]) => tasks);
    const lastMs = Math.max(...calls.map(([, nowMs]) => nowMs));
    // Keys come by a session of their own: both are waited for at once.
    const [firstKey, room] = await Promise.all([
      all.length === 0 ? 0 : keys.take(all.length, lastMs),
      rooms.near(all, lastMs),
    ]);
    let nextKey = firstKey;
    let known: Rooms | null = room;
    const answers: EnqueueAnswer[][] = [];
    let drafts: Draft[] = [];
    let counts: number[] = [];
    async function storeDrafts(isWhole = false): Promise<void> {
      const stored: EnqueueAnswer[] = [];
      for (const run of distinctRuns(drafts, namesOf)) {
        stored.push(...(await store(run, isWhole, known)));
        known = null;
      }
      for (const count of counts) answers.push(stored.splice(0, count));
      drafts = [];
      counts = [];
    }
    for (const [tasks, nowMs, isAtomic] of calls) {
      if (isAtomic) await storeDrafts();
      for (const task of tasks) drafts.push({ task, options: optionsText(task), nowMs, key: nextKey++ });
      counts.push(tasks.length);
      if (isAtomic) await storeDrafts(true);
    }
    await storeDrafts();
    return answers;
  };
}

function isRefusal(verdict: Verdict): verdict is EnqueueAnswer {
  return verdict !== null && "status" in verdict;
}

function keyOf(queueId: number, deduplicationKey: string): string {
  return `${queueId} ${deduplicationKey}`;
}

/** What only one task of a run may have: the second one finds the first one stored. */
function namesOf({ task: { queue, requestId, deduplicationKey } }: Draft): string[] {
  return [
    ...(requestId === null ? [] : [`request ${requestId}`]),
    ...(deduplicationKey === null ? [] : [`key ${queue} ${deduplicationKey}`]),
  ];
}

/** What the stored task was asked for with. */
function requestOf(row: WholeTaskRow, queue: string): RequestContent {
  const { type, payload, headers, deduplication_key: deduplicationKey } = row;
  const { correlation_id: correlationId, source_service: sourceService } = row;
  const asked = askedFor(row.options, { queue, priority: row.priority });
  return { ...asked, type, payload, headers, deduplicationKey, correlationId, sourceService };
}

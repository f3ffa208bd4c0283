import { idOfKey, keyOfId } from "../../../domain/ids.ts";
import { judgeUpdate, placeAt } from "../../../domain/operators/operator-changes.ts";
import { defaultQueueSettings, depthLimit, unfinishedCount } from "../../../domain/tasks/queue.ts";
import { optionsWithAsked } from "../../../domain/tasks/task-options.ts";
import { changedTask, deduplicationName } from "../../rows/operator-rows.ts";
import { type TaskRow, taskColumns } from "../../rows/task-rows.ts";
import { stateNumber, stateOf } from "../../rows/task-states.ts";
import type { TaskStore, UpdateAnswer } from "../../task-store.ts";
import type { Engine } from "../engine/engine.ts";
import type { QueueEntry } from "../engine/queue-table.ts";
import type { Transitions } from "../tasks/transitions.ts";
import { type OperatorMoves, takingKeys } from "./operator-moves.ts";

/** A row with its place in line. */
type PlacedRow = TaskRow & { readonly ready_key: number; readonly lane_until_ms: number | null };

const writeTask = `UPDATE task_live SET queue_id = $2, priority = $3, state = $4, ready_key = $5, schedule_ms = $6, lane = $7, lane_until_ms = $8,
    options = $9
  WHERE id = $1`;

/** Creates the verb `update`. */
export function createUpdateTask(
  engine: Engine,
  transitions: Transitions,
  moves: OperatorMoves,
): Pick<TaskStore, "update"> {
  const { db, queues, changes, keys, maxQueueDepth } = engine;

  async function placeFrom(row: PlacedRow, startMs: number, nowMs: number) {
    const { lane_until_ms: laneUntilMs, schedule_ms: waitsUntilMs } = row;
    const place = placeAt({ scheduleMs: waitsUntilMs, laneUntilMs }, startMs, nowMs);
    const readyKey = place.scheduleMs === null ? await keys.take(1, nowMs) : keys.at(place.scheduleMs);
    return { ...place, readyKey };
  }

  function placeOf({ state, schedule_ms: scheduleMs, ready_key: readyKey, lane_until_ms: laneUntilMs }: PlacedRow) {
    return { state: stateOf(state), scheduleMs, readyKey, laneUntilMs };
  }

  /** Why a task may not come into a queue; `null`: it may. @param queue `undefined`: it is not there yet */
  async function refusalOf(row: TaskRow, queue: QueueEntry | undefined): Promise<UpdateAnswer | null> {
    const counts = queue && (await queues.counts([queue.id])).get(queue.id);
    const depth = counts === undefined ? 0 : unfinishedCount(counts);
    if (depth >= depthLimit(queue?.settings ?? defaultQueueSettings, maxQueueDepth))
      return { status: "queue_full", depth };
    if (queue === undefined) return null;
    const there = { ...row, queue_id: queue.id };
    const rival = (await moves.rivalsOf([there])).get(deduplicationName(there) ?? "");
    return rival === undefined ? null : { status: "duplicate", id: idOfKey(rival) };
  }

  return {
    async update(id, update, nowMs) {
      const row = await db.get<PlacedRow>(
        `SELECT ${taskColumns}, ready_key, lane_until_ms FROM task WHERE id = $1 FOR UPDATE`,
        [keyOfId(id)],
      );
      if (row === undefined) return { status: "not_found" };
      const verdict = judgeUpdate(changedTask(row), update);
      if (verdict === "finished") return { status: verdict, state: stateOf(row.state) };
      if (verdict !== "update") return { status: verdict };

      const from = (await queues.byId([row.queue_id])).get(row.queue_id);
      if (from === undefined) throw new Error(`task ${row.id} has no queue`);
      const name = update.queue ?? from.name;
      const isMoved = name !== from.name;
      const refusal = isMoved ? await refusalOf(row, (await queues.find([name])).get(name)) : null;
      if (refusal !== null) return refusal;
      const to = isMoved ? ((await queues.ensure([name], nowMs)).get(name) ?? from) : from;
      const place = update.scheduleMs === undefined ? placeOf(row) : await placeFrom(row, update.scheduleMs, nowMs);
      // That no worker handles its type is known of the other queue's workers alone.
      const lane = isMoved && row.lane?.startsWith("type:") === true ? null : row.lane;
      await takingKeys(() =>
        db.run(writeTask, [
          row.id,
          to.id,
          update.priority ?? row.priority,
          stateNumber[place.state],
          place.readyKey,
          place.scheduleMs,
          lane,
          place.laneUntilMs,
          optionsWithAsked(row.options, { queue: from.name, priority: row.priority }),
        ]),
      );

      const [before, after] = [stateOf(row.state), place.state];
      if (isMoved) {
        queues.move(from.id, before, null, null);
        queues.move(to.id, null, after, null);
        await changes.note([row.id], after, nowMs);
      } else if (before !== after) {
        await transitions.moved([row], after, nowMs);
      }
      if (after === "pending") changes.noteReady(to.name);
      const task = (await moves.tasksNow([row.id])).get(row.id);
      return task === undefined ? { status: "not_found" } : { status: "updated", task };
    },
  };
}

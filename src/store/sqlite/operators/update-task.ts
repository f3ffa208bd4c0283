import { idOfKey, keyOfId } from "../../../domain/ids.ts";
import { judgeUpdate, placeAt } from "../../../domain/operators/operator-changes.ts";
import { optionsWithAsked } from "../../../domain/tasks/task-options.ts";
import { changedTask } from "../../rows/operator-rows.ts";
import type { FullTaskRow } from "../../rows/task-rows.ts";
import { stateNumber, stateOf } from "../../rows/task-states.ts";
import type { Store } from "../../store.ts";
import type { Engine } from "../engine/engine.ts";
import { depth, depthLimitOf } from "../engine/queue-depth.ts";
import type { SyncVerb } from "../engine/verb.ts";
import { isSound } from "../rows/checksums.ts";
import { taskChecksum } from "../rows/task-checksum.ts";
import { taskOf } from "../tasks/task-content.ts";
import type { Transitions } from "../tasks/transitions.ts";
import type { OperatorMoves } from "./operator-moves.ts";

/** Where a row stands in line, beside what FullTaskRow has. */
interface PlaceRow {
  readonly ready_key: number;
  readonly lane_until_ms: number | null;
}

/** Creates the verb `update` on an open database. */
export function createUpdateTask(
  engine: Engine,
  transitions: Transitions,
  moves: OperatorMoves,
): SyncVerb<Store["update"]> {
  const { db, tasks, queues, changes, keys } = engine;
  const selectPlace = db.prepare<[number], PlaceRow>("SELECT ready_key, lane_until_ms FROM task WHERE id = ?");
  const write = db.prepare(
    `UPDATE task SET queue_id = @queueId, priority = @priority, state = @state, ready_key = @readyKey, schedule_ms = @scheduleMs,
       lane = @lane, lane_until_ms = @laneUntilMs, options = @options, checksum = @checksum
     WHERE id = @id`,
  );

  function placeFrom(row: FullTaskRow, startMs: number, nowMs: number) {
    const { lane_until_ms: laneUntilMs } = selectPlace.get(row.id) ?? { lane_until_ms: null };
    const place = placeAt({ scheduleMs: row.schedule_ms, laneUntilMs }, startMs, nowMs);
    const { scheduleMs } = place;
    return {
      ...place,
      state: stateNumber[place.state],
      readyKey: scheduleMs === null ? keys.next(nowMs) : keys.at(scheduleMs),
    };
  }

  function placeOf(row: FullTaskRow) {
    const { ready_key: readyKey = row.id, lane_until_ms: laneUntilMs = null } = selectPlace.get(row.id) ?? {};
    return { state: row.state, scheduleMs: row.schedule_ms, readyKey, laneUntilMs };
  }

  return (id, update, nowMs) => {
    const key = keyOfId(id);
    const row = key === null ? undefined : tasks.selectWhole.get(key);
    if (row === undefined) return { status: "not_found" };
    const verdict = judgeUpdate(changedTask(row), update);
    if (verdict === "finished") return { status: verdict, state: stateOf(row.state) };
    if (verdict !== "update") return { status: verdict };
    // A new checksum would make what is damaged look sound.
    if (!isSound(row, taskChecksum)) return { status: "damaged" };

    const from = queues.byId(row.queue_id);
    const name = update.queue ?? from.name;
    const isMoved = name !== from.name;
    if (isMoved) {
      const known = queues.byName(name);
      const waiting = depth(known);
      if (waiting >= depthLimitOf(known, engine)) return { status: "queue_full", depth: waiting };
      const rival = known && moves.rivalOf({ ...row, queue_id: known.id });
      if (rival !== undefined) return { status: "duplicate", id: idOfKey(rival) };
    }
    const to = isMoved ? queues.ensure(name, nowMs) : from;
    const priority = update.priority ?? row.priority;
    const place = update.scheduleMs === undefined ? placeOf(row) : placeFrom(row, update.scheduleMs, nowMs);
    const options = optionsWithAsked(row.options, { queue: from.name, priority: row.priority });
    // That no worker handles its type is known of the other queue's workers alone.
    const lane = isMoved && row.lane?.startsWith("type:") === true ? null : row.lane;
    const checksum = row.checksum && taskChecksum({ ...row, queue_id: to.id, priority, options });
    write.run({ id: row.id, queueId: to.id, priority, options, lane, checksum, ...place });

    const [before, after] = [stateOf(row.state), stateOf(place.state)];
    if (isMoved) {
      queues.move(from, before, null, null);
      queues.move(to, null, after, null);
      changes.note(row.id, after, nowMs);
    } else if (before !== after) {
      transitions.moved(row, after, nowMs);
    }
    if (after === "pending") {
      // It may stand before the place where claims go on.
      to.front = null;
      if (lane !== null) to.lanes.add(lane);
      changes.noteReady(to.name);
    }
    return { status: "updated", task: taskOf(tasks.select.get(row.id) ?? row, engine) };
  };
}

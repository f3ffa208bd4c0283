import { defaultQueueSettings, depthLimit, unfinishedCount } from "../../../domain/tasks/queue.ts";
import type { NewTask } from "../../../domain/tasks/task.ts";
import type { Engine } from "./engine.ts";

/** How much room a queue has, as tasks take it one after the other. */
export interface Room {
  depth: number;
  limit: number;
}

/** Rooms by the queues' names. */
export type Rooms = ReadonlyMap<string, Room>;

/** How much room queues have. */
export interface QueueRooms {
  /** The rooms of the queues of these tasks. */
  of(tasks: readonly Pick<NewTask, "queue">[]): Promise<Rooms>;
  /**
   * The same, by a look that may be old where there was room for 100,000 more tasks than these: 1 ms for each 1,000 of them, and a second at the
   * most. In that time no servers fill it. What took room in the answer since has taken it here too.
   *
   * @param nowMs wall clock
   */
  near(tasks: readonly Pick<NewTask, "queue">[], nowMs: number): Promise<Rooms>;
}

const ample = 100_000;
const tasksPerMs = 1_000;
const mostMs = 1_000;
/** Looks at so many queues are remembered at the most. */
const mostLooked = 1_000;

/** Creates the access to rooms. */
export function createQueueRooms({ queues, maxQueueDepth }: Engine): QueueRooms {
  const looked = new Map<string, { readonly room: Room; readonly atMs: number }>();

  async function of(tasks: readonly Pick<NewTask, "queue">[]): Promise<Rooms> {
    const names = [...new Set(tasks.map(({ queue }) => queue))];
    const known = await queues.find(names);
    const counts = await queues.counts([...known.values()].map(({ id }) => id));
    return new Map(
      names.map((name) => {
        const entry = known.get(name);
        const limit = depthLimit(entry?.settings ?? defaultQueueSettings, maxQueueDepth);
        const held = entry && counts.get(entry.id);
        return [name, { depth: held === undefined ? 0 : unfinishedCount(held), limit }];
      }),
    );
  }

  /** Those that were looked at of late; `null`: not all of them were, or one has little room. */
  function remembered(tasks: readonly Pick<NewTask, "queue">[], nowMs: number): Rooms | null {
    const rooms = new Map<string, Room>();
    for (const { queue } of tasks) {
      if (rooms.has(queue)) continue;
      const look = looked.get(queue);
      const settings = queues.named(queue)?.settings;
      if (look === undefined || settings === undefined) return null;
      const { room, atMs } = look;
      const ageMs = Math.abs(nowMs - atMs);
      room.limit = depthLimit(settings, maxQueueDepth);
      const left = room.limit - room.depth - tasks.length;
      if (ageMs > mostMs || left < Math.max(ample, ageMs * tasksPerMs)) return null;
      rooms.set(queue, room);
    }
    return rooms;
  }

  return {
    of,

    async near(tasks, nowMs) {
      const known = remembered(tasks, nowMs);
      if (known !== null) return known;
      const rooms = await of(tasks);
      if (looked.size > mostLooked) looked.clear();
      for (const [queue, room] of rooms) looked.set(queue, { room, atMs: nowMs });
      return rooms;
    },
  };
}

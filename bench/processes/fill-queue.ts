import type { SitqClient } from "../../src/client/index.ts";
import { payload as usual } from "../payload.ts";

/** Tasks of one batch, their bytes, and batches under way. */
const batchTasks = 1_000;
const batchBytes = 2_000_000;
const lanes = 4;
/** How often it is said how far it is, in tasks. */
const sayEvery = 200_000;

/** What each task carries. */
export interface TaskContent {
  /** Default: as in every case. */
  readonly payload?: Uint8Array;
  /** The headers of each task, by its number. Default: none. */
  readonly headersOf?: (number: number) => Readonly<Record<string, string>>;
}

/** Enqueues this many tasks of the type `work` into a queue. */
export async function fillQueue(
  { queue: service }: SitqClient,
  queue: string,
  count: number,
  say: (progress: string) => void,
  { payload = usual, headersOf = () => ({}) }: TaskContent = {},
): Promise<void> {
  const most = Math.min(batchTasks, Math.ceil(batchBytes / payload.length));
  const task = { queue, type: "work", payload: { kind: { case: "binary" as const, value: payload } } };
  const requestOf = (number: number) => ({ task: { ...task, headers: headersOf(number) } });
  let left = count;
  let stored = 0;
  async function lane(): Promise<void> {
    while (left > 0) {
      const n = Math.min(left, most);
      left -= n;
      const first = left;
      const requests = Array.from({ length: n }, (_, index) => requestOf(first + index));
      const { results } = await service.enqueueBatch({ requests });
      const refused = results.find(({ error }) => error !== undefined);
      if (refused !== undefined) throw new Error(`a task was refused: ${refused.error?.message}`);
      stored += n;
      if (stored % sayEvery < n) say(`${stored} of ${count} tasks enqueued`);
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane));
}

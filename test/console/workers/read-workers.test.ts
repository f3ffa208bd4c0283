import { create } from "@bufbuild/protobuf";
import { expect, test, vi } from "vitest";
import { readWorkers } from "../../../console/src/views/workers/read-workers.ts";
import { ListWorkersResponseSchema, WorkerState } from "../../../gen/sitq/v1/worker_service_pb.js";

const { CONNECTED, LOST } = WorkerState;

/** A server with these pages: each page's token is its number. */
function serverOf(pages: readonly (readonly [id: string, state: WorkerState][])[]) {
  return vi.fn(async ({ pageToken }: { readonly pageToken: string }) => {
    const at = Number(pageToken || 0);
    const workers = (pages[at] ?? []).map(([id, state]) => ({ id, state }));
    return create(ListWorkersResponseSchema, { workers, nextPageToken: at + 1 < pages.length ? `${at + 1}` : "" });
  });
}

test("workers of every state are one page of the server's", async () => {
  const list = serverOf([[["a", CONNECTED]], [["b", LOST]]]);
  const { workers, next } = await readWorkers({ queue: "mail", state: null, page: "" }, list);
  expect(workers.map(({ id }) => id)).toEqual(["a"]);
  expect(next).toBe("1");
  expect(list).toHaveBeenCalledExactlyOnceWith({ queue: "mail", pageSize: 100, pageToken: "", includeLost: true });
});

test("those of one state are looked for over pages, and none is left out", async () => {
  const list = serverOf([
    [["a", CONNECTED]],
    [
      ["b", LOST],
      ["c", CONNECTED],
      ["d", LOST],
    ],
    [["e", LOST]],
  ]);
  const first = await readWorkers({ queue: "", state: LOST, page: "" }, list);
  expect(first.workers.map(({ id }) => id)).toEqual(["b", "d"]);
  const second = await readWorkers({ queue: "", state: LOST, page: first.next }, list);
  expect(second.workers.map(({ id }) => id)).toEqual(["e"]);
  expect(second.next).toBe("");
});

test("a search for a rare state ends, and goes on with the next page", async () => {
  const list = serverOf(Array.from({ length: 30 }, () => [["a", CONNECTED]]));
  const { workers, next } = await readWorkers({ queue: "", state: LOST, page: "" }, list);
  expect(workers).toEqual([]);
  expect(next).toBe("10");
  expect(list).toHaveBeenCalledTimes(10);
});

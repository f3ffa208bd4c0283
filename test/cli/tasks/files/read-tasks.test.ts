import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import type { ListTasksRequest } from "../../../../gen/sitq/v1/queue_service_pb.js";
import { wholeTasks } from "../../../../src/cli/tasks/files/read-tasks.ts";
import { type SitqClient, type Task, TaskOrder, TaskSchema } from "../../../../src/client/index.ts";

/** A client whose server has these pages of the oldest, and of the newest. */
function clientWith(
  pages: Readonly<Record<TaskOrder.NEWEST_FIRST | TaskOrder.OLDEST_FIRST, readonly (readonly string[])[]>>,
) {
  const listTasks = ({ order, pageToken }: ListTasksRequest) => {
    const all = pages[order === TaskOrder.NEWEST_FIRST ? order : TaskOrder.OLDEST_FIRST];
    const index = Number(pageToken || "0");
    const tasks = (all[index] ?? []).map((id) => create(TaskSchema, { id }));
    return Promise.resolve({ tasks, nextPageToken: index + 1 < all.length ? String(index + 1) : "" });
  };
  return { queue: { listTasks } } as unknown as SitqClient;
}

async function read(client: SitqClient): Promise<string[]> {
  const found: Task[] = [];
  const wanted = { filter: {}, withAttempts: false, signal: new AbortController().signal };
  for await (const tasks of wholeTasks(client, wanted)) found.push(...tasks);
  return found.map(({ id }) => id);
}

it("leaves out what is created meanwhile, and reads no page behind it", async () => {
  const oldest = [["a"], [], ["b", "c", "d"], ["e"]];
  expect(await read(clientWith({ [TaskOrder.NEWEST_FIRST]: [[], ["c"]], [TaskOrder.OLDEST_FIRST]: oldest }))).toEqual([
    "a",
    "b",
    "c",
  ]);
});

it("reads nothing where nothing matches", async () => {
  expect(await read(clientWith({ [TaskOrder.NEWEST_FIRST]: [[], []], [TaskOrder.OLDEST_FIRST]: [["a"]] }))).toEqual([]);
});

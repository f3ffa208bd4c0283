import { expect, it } from "vitest";
import { Role } from "../../gen/sitq/v1/access_pb.js";
import { fromNow } from "../harness/calls/events.ts";
import { present } from "../harness/calls/tasks.ts";
import { refusalOf } from "../harness/refusal.ts";
import { as, type SecuredServer, startSecured } from "./secured-server.ts";

const viewer = { role: Role.VIEWER, queues: ["*"], eventTypes: ["*"] };

/** Opens a watch of tasks, and resolves when it has begun. */
async function watch({ server }: SecuredServer, token: string) {
  const calls = new AbortController();
  const options = { ...as(token), signal: calls.signal };
  const messages = server.queue.watchTasks({ filter: { queue: "mail" } }, options)[Symbol.asyncIterator]();
  await messages.next();
  return { messages, leave: () => calls.abort() };
}

it("bounds the watches of a principal, of every sort and by all its tokens; those of others go on and begin", async () => {
  await using secured = await startSecured(undefined, { maxWatchersPerPrincipal: 2 });
  const { server, access, admin } = secured;
  const greedy = await secured.tokenOf("greedy", viewer);
  const { secret: second } = await access.createToken({ principal: "greedy" }, admin);
  const other = await secured.tokenOf("other", viewer);
  const beside = await watch(secured, other);
  const [first] = [await watch(secured, greedy), await watch(secured, second)];
  const refused = {
    code: "RESOURCE_EXHAUSTED",
    reason: "TOO_MANY_WATCHERS",
    metadata: { of: "principal", max_watchers: "2" },
    retryAfterMs: 1_000,
  };
  expect(await refusalOf(watch(secured, greedy))).toMatchObject(refused);
  const events = server.event.subscribe({ start: { start: fromNow } }, as(second))[Symbol.asyncIterator]();
  expect(await refusalOf(events.next())).toMatchObject(refused);
  // What is no watch is not refused.
  await server.queue.listTasks({}, as(greedy));

  await watch(secured, other);
  const { task } = await server.queue.enqueue({ task: { queue: "mail", type: "send" } }, admin);
  const { value } = await beside.messages.next();
  expect(value.changes).toMatchObject([{ taskId: present(task).id }]);

  // A place is free again when a watch ends.
  first?.leave();
  const again = () =>
    watch(secured, greedy).then(
      () => true,
      () => false,
    );
  while (!(await again()));
});

import { expect, it } from "vitest";
import type { Store } from "../../../src/store/store.ts";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueue, present } from "../../harness/calls/tasks.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { refusalIn } from "../../harness/refusal.ts";
import { startServer } from "../../harness/server.ts";

const leaseMs = 30_000;

it("takes nothing from a stream that replaces another one while what that one named is taken up", async () => {
  const clock = createFakeClock();
  const { promise: mayAnswer, resolve: letGo } = Promise.withResolvers<void>();
  const { promise: taken, resolve: wasTaken } = Promise.withResolvers<void>();
  const wrapStore = (store: Store): Store => ({
    ...store,
    async takeUp(leases, nowMs) {
      const answer = await store.takeUp(leases, nowMs);
      wasTaken();
      await mayAnswer;
      return answer;
    },
  });
  await using server = await startServer({ clock, wrapStore });
  // As a crash leaves a task whose hand-out it made forget.
  const { id } = await enqueue(server);
  const former = connectWorker(server, { workerId: "w", held: [{ taskId: id, attempt: 1 }] });
  former.catch(() => undefined);
  await taken;
  const latter = await connectWorker(server, { workerId: "w", capacity: 2 });
  const other = await enqueue(server);
  const [first] = await latter.take(1);
  expect(first).toMatchObject({ id: other.id });
  letGo();
  expect(refusalIn(await former.catch((error: Error) => error.cause))).toMatchObject({ reason: "STREAM_REPLACED" });

  // It has not named the task: it is offered again.
  const [again] = await latter.take(1);
  expect(again).toMatchObject({ id, attempt: 1 });
  for (let beat = 0; beat < 4; beat++) {
    latter.send({ case: "heartbeat", value: {} });
    await latter.heard();
    clock.advance(leaseMs / 3);
  }
  expect(await latter.complete(present(first), present(again))).toEqual(["SETTLED", "SETTLED"]);
});

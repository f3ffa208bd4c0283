import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { EnqueueResponseSchema, QueueService } from "../../gen/sitq/v1/queue_service_pb.js";
import { startRpcHarness } from "../rpc/rpc-harness.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

it("keeps nothing of a request while its handler waits", async () => {
  const taken = Promise.withResolvers<WeakRef<object>>();
  const stored = Promise.withResolvers<void>();
  const harness = await startRpcHarness({
    queue: {
      // Not async, as the handlers of large requests are: an async function would hold its argument.
      enqueue(request) {
        taken.resolve(new WeakRef(request));
        return stored.promise.then(() => create(EnqueueResponseSchema));
      },
    },
  });
  const answer = harness.client(QueueService).enqueue({});
  const request = await taken.promise;
  // A WeakRef keeps what it refers to until the end of the turn in which it was made.
  await new Promise(setImmediate);
  collectGarbage();
  expect(request.deref()).toBeUndefined();
  stored.resolve();
  await answer;
});

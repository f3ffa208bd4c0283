import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { EnqueueResponseSchema, QueueService } from "../../gen/sitq/v1/queue_service_pb.js";
import { routeOver } from "../../src/grpc/client/call-route.ts";
import { createRoutedClient } from "../../src/grpc/client/client.ts";
import { forEachMessage } from "../../src/grpc/inbound-stream.ts";
import { startRpcHarness } from "../rpc/rpc-harness.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** A WeakRef keeps what it refers to until the end of the turn in which it was made. */
async function collectAfterTurn(): Promise<void> {
  await new Promise(setImmediate);
  collectGarbage();
}

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
  await collectAfterTurn();
  expect(request.deref()).toBeUndefined();
  stored.resolve();
  await answer;
});

it("keeps neither a request on the client's side while it waits, nor its answer, though the call is kept", async () => {
  const stored = Promise.withResolvers<void>();
  const came = Promise.withResolvers<void>();
  const harness = await startRpcHarness({
    queue: {
      async enqueue() {
        came.resolve();
        await stored.promise;
        return create(EnqueueResponseSchema, { created: true });
      },
    },
  });
  const calls: object[] = [];
  const route = routeOver(harness.channel);
  const client = createRoutedClient(QueueService, () => () => ({
    ...route,
    begin(make) {
      const call = route.begin(make);
      calls.push(call);
      return call;
    },
  }));
  const begin = () => {
    const request = { task: { queue: "q", type: "t" } };
    return { answer: client.enqueue(request), request: new WeakRef(request) };
  };
  const begun = begin();
  await came.promise;
  await collectAfterTurn();
  expect(begun.request.deref()).toBeUndefined();

  stored.resolve();
  const answer = await begun.answer.then((message) => new WeakRef(message));
  Reflect.deleteProperty(begun, "answer");
  await collectAfterTurn();
  expect(answer.deref()).toBeUndefined();
  expect(calls).toHaveLength(1);
});

it("keeps nothing of a stream's message while the next one is awaited", async () => {
  let come: (result: { value: object }) => void = () => expect.unreachable();
  const next = () => new Promise<{ value: object }>((resolve) => (come = resolve));
  const taken = Promise.withResolvers<WeakRef<object>>();
  void forEachMessage({ [Symbol.asyncIterator]: () => ({ next }) }, (message) => taken.resolve(new WeakRef(message)));
  come({ value: {} });
  const message = await taken.promise;
  await collectAfterTurn();
  expect(message.deref()).toBeUndefined();
});

import { expect, it } from "vitest";
import type { Outbound } from "../../../src/grpc/handlers.ts";
import { answerInOrder } from "../../../src/rpc/calls/answer-in-order.ts";
import { createMailbox } from "../../client/mailbox.ts";

/** A stream whose client sends the numbers from 0 on, as far as it is read, and whose requests are answered by hand. */
function startStream(count: number) {
  const taken = createMailbox<number>("request");
  const sent: number[] = [];
  const answers = new Map<number, (response: number) => void>();
  const stopping = new AbortController();
  let room = Promise.resolve();
  async function* requests() {
    for (let n = 0; n < count; n++) yield n;
  }
  const out: Outbound<number> = {
    send: (response) => sent.push(response) > 0,
    writable: true,
    drained: () => room,
    bound: () => undefined,
    onDrain: () => undefined,
  };
  const answer = (n: number) => {
    taken.put(n);
    return new Promise<number>((resolve) => answers.set(n, resolve));
  };
  const over = answerInOrder(requests(), answer, out, stopping.signal);
  return {
    taken,
    sent,
    stopping,
    over,
    answer: (n: number) => answers.get(n)?.(n),
    fill(full: Promise<void>) {
      room = full;
    },
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

it("answers in the order of the requests, in whatever order they are done", async () => {
  const { taken, sent, answer, over } = startStream(3);
  for (let n = 0; n < 3; n++) await taken.next();
  answer(2);
  answer(1);
  await turn();
  expect(sent).toEqual([]);
  answer(0);
  await over;
  expect(sent).toEqual([0, 1, 2]);
});

it("reads no more than 16 requests ahead of its answers", async () => {
  const { taken, sent, answer, over } = startStream(18);
  for (let n = 0; n < 16; n++) await taken.next();
  await turn();
  expect(taken.all).toHaveLength(16);
  // The first is the one that everything waits for.
  for (let n = 1; n < 16; n++) answer(n);
  await turn();
  expect(taken.all).toHaveLength(16);
  answer(0);
  expect(await taken.next()).toBe(16);
  expect(await taken.next()).toBe(17);
  answer(16);
  answer(17);
  await over;
  expect(sent).toHaveLength(18);
});

it("reads on when the client has read", async () => {
  const room = Promise.withResolvers<void>();
  const { taken, answer, over, fill } = startStream(2);
  fill(room.promise);
  expect(await taken.next()).toBe(0);
  answer(0);
  await turn();
  expect(taken.all).toHaveLength(1);
  room.resolve();
  expect(await taken.next()).toBe(1);
  answer(1);
  await over;
});

it("ends with DRAINING once what it has read is answered", async () => {
  const { taken, sent, answer, over, stopping } = startStream(100);
  for (let n = 0; n < 16; n++) await taken.next();
  stopping.abort();
  for (let n = 15; n >= 0; n--) answer(n);
  await expect(over).rejects.toMatchObject({ reason: "DRAINING" });
  expect(sent).toHaveLength(16);
});

it("ends with an answer that cannot be sent", async () => {
  async function* requests() {
    yield 1;
  }
  const out: Outbound<number> = {
    send: () => {
      throw new Error("no such message");
    },
    writable: true,
    drained: () => Promise.resolve(),
    bound: () => undefined,
    onDrain: () => undefined,
  };
  const over = answerInOrder(requests(), async (n) => n, out, new AbortController().signal);
  await expect(over).rejects.toThrow("no such message");
});

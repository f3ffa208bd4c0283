import { create, toBinary } from "@bufbuild/protobuf";
import { status as statusCode } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import {
  EnqueueBatchRequestSchema,
  type EnqueueResult,
  EnqueueResultSchema,
} from "../../../gen/sitq/v1/queue_service_pb.js";
import { Batcher, batchesUnderWay } from "../../../src/client/connection/batcher.ts";
import { messageOfItems } from "../../../src/client/connection/encoded-items.ts";
import { CallError } from "../../../src/client/index.ts";
import { createMailbox } from "../mailbox.ts";

const asIs = <T>(result: T) => result;
const item = (bytes = 10) => new Uint8Array(bytes);

interface Batch {
  readonly size: number;
  readonly bytes: number;
  answer(): void;
  refuse(error: Error): void;
}

/** A batcher whose batches the test answers. */
function heldBatcher(retryTimeoutMs = 30_000) {
  const batches = createMailbox<Batch>("batch");
  const batcher = new Batcher((items) => {
    const { promise, resolve, reject } = Promise.withResolvers<readonly EnqueueResult[]>();
    const batch = messageOfItems(EnqueueBatchRequestSchema, items);
    const size = items.length;
    const results = () => Array.from({ length: size }, () => create(EnqueueResultSchema));
    const bytes = toBinary(EnqueueBatchRequestSchema, batch).length;
    batches.put({ size, bytes, answer: () => resolve(results()), refuse: reject });
    return promise;
  }, retryTimeoutMs);
  return { batcher, batches };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test("what is added in one turn leaves in one batch at its end", async () => {
  const { batcher, batches } = heldBatcher();
  const answers = [batcher.add(item(), asIs), batcher.add(item(), asIs)];
  await Promise.resolve();
  answers.push(batcher.add(item(), asIs));
  expect(batches.all).toHaveLength(0);
  const batch = await batches.next();
  expect(batch.size).toBe(3);
  batch.answer();
  await Promise.all(answers);
  await turn();
  expect(batches.all).toHaveLength(1);
});

test("so many batches are under way and no more; what comes meanwhile gathers", async () => {
  const { batcher, batches } = heldBatcher();
  for (let n = 0; n < batchesUnderWay + 3; n++) {
    void batcher.add(item(), asIs);
    await turn();
  }
  expect(batches.all.map(({ size }) => size)).toEqual(Array.from({ length: batchesUnderWay }, () => 1));
  batches.all[2]?.answer();
  await turn();
  await turn();
  expect(batches.all.at(-1)?.size).toBe(3);
});

test("a batch holds at most 1000 items and 3 MiB, and one that is larger by itself goes alone", async () => {
  const { batcher, batches } = heldBatcher();
  for (let n = 0; n < 2_001; n++) void batcher.add(item(), asIs);
  await turn();
  expect(batches.all.map(({ size }) => size)).toEqual([1_000, 1_000, 1]);

  const large = heldBatcher();
  for (const bytes of [1_000_000, 1_000_000, 1_000_000, 1_000_000, 3_500_000, 1])
    void large.batcher.add(item(bytes), asIs);
  await turn();
  expect(large.batches.all.map(({ size }) => size)).toEqual([3, 1, 1, 1]);
  for (const { size, bytes } of large.batches.all) if (size > 1) expect(bytes).toBeLessThanOrEqual(3 * 1_048_576);
});

test("a failed call is the answer to every item of its batch, and to no other", async () => {
  const { batcher, batches } = heldBatcher();
  const lost = [batcher.add(item(), asIs), batcher.add(item(), asIs)];
  (await batches.next()).refuse(new CallError("no", { code: statusCode.INTERNAL }));
  for (const answer of lost) await expect(answer).rejects.toMatchObject({ codeName: "INTERNAL" });
  const answer = batcher.add(item(), asIs);
  (await batches.next()).answer();
  await answer;
});

test("items go again in smaller batches when the server takes no message so large, and later ones are smaller at once", async () => {
  const { batcher, batches } = heldBatcher();
  const tooLarge = () => new CallError("larger than max", { code: statusCode.RESOURCE_EXHAUSTED });
  const answers = Array.from({ length: 4 }, () => batcher.add(item(400_000), asIs));
  (await batches.next()).refuse(tooLarge());
  const halves = [await batches.next(), await batches.next()];
  expect(halves.map(({ size }) => size)).toEqual([2, 2]);
  halves[0]?.refuse(tooLarge());
  const quarters = [await batches.next(), await batches.next()];
  expect(quarters.map(({ size }) => size)).toEqual([1, 1]);
  quarters[0]?.refuse(tooLarge());
  for (const rest of [quarters[1], halves[1]]) rest?.answer();
  // One that is too large by itself is its own fault.
  await expect(answers[0]).rejects.toMatchObject({ codeName: "RESOURCE_EXHAUSTED" });
  await Promise.all(answers.slice(1));
});

test("a refusal with a reason is the server's word, and is not tried again", async () => {
  const { batcher, batches } = heldBatcher();
  const answers = [batcher.add(item(400_000), asIs), batcher.add(item(400_000), asIs)];
  (await batches.next()).refuse(new CallError("busy", { code: statusCode.RESOURCE_EXHAUSTED, reason: "OVERLOADED" }));
  for (const answer of answers) await expect(answer).rejects.toMatchObject({ reason: "OVERLOADED" });
  expect(batches.all).toHaveLength(1);
});

test("an abort takes an item back until it is sent, and ends the wait for its answer after", async () => {
  const { batcher, batches } = heldBatcher();
  const [unsent, sent] = [new AbortController(), new AbortController()];
  const first = expect(batcher.add(item(), asIs, unsent.signal)).rejects.toBe("unsent");
  const second = expect(batcher.add(item(), asIs, sent.signal)).rejects.toBe("sent");
  unsent.abort("unsent");
  await first;
  const batch = await batches.next();
  expect(batch.size).toBe(1);
  sent.abort("sent");
  await second;
  batch.answer();
  await batcher.flushed();
});

test("each item resolves with what is made of its result, and rejects with what that throws", async () => {
  const { batcher, batches } = heldBatcher();
  const read = batcher.add(item(), (result) => result?.created);
  const unreadable = batcher.add(item(), () => {
    throw new Error("not what it should be");
  });
  const other = batcher.add(item(), () => "read");
  (await batches.next()).answer();
  expect(await read).toBe(false);
  await expect(unreadable).rejects.toThrow("not what it should be");
  expect(await other).toBe("read");
});

test("is flushed when nothing waits and nothing is under way", async () => {
  const { batcher, batches } = heldBatcher();
  await batcher.flushed();
  let isFlushed = false;
  void batcher.add(item(), asIs);
  const flushed = batcher.flushed().then(() => {
    isFlushed = true;
  });
  const batch = await batches.next();
  await turn();
  expect(isFlushed).toBe(false);
  batch.answer();
  await flushed;
});

const outOfTime = (reason: string | null) =>
  new CallError("too late", { code: statusCode.DEADLINE_EXCEEDED, ...(reason !== null && { reason }) });

test.each([null, "FIRST_MESSAGE_TIMEOUT"])(
  "a batch that did not get through goes again in halves: %s",
  async (reason) => {
    const { batcher, batches } = heldBatcher();
    const answers = Array.from({ length: 8 }, () => batcher.add(item(300_000), asIs));
    await turn();
    expect(batches.all.map(({ size }) => size)).toEqual([8]);
    (await batches.next()).refuse(outOfTime(reason));
    await turn();
    await turn();
    expect(batches.all.map(({ size }) => size).slice(1)).toEqual([4, 4]);
    (await batches.next()).refuse(outOfTime(reason));
    await turn();
    await turn();
    expect(batches.all.map(({ size }) => size).slice(3)).toEqual([2, 2]);
    for (const batch of batches.all.slice(2)) batch.answer();
    await Promise.all(answers);
  },
);

test("one item alone is not split, and nothing is sent again where nothing is to be repeated", async () => {
  const single = heldBatcher();
  const alone = single.batcher.add(item(300_000), asIs);
  (await single.batches.next()).refuse(outOfTime("FIRST_MESSAGE_TIMEOUT"));
  await expect(alone).rejects.toMatchObject({ reason: "FIRST_MESSAGE_TIMEOUT" });

  const once = heldBatcher(0);
  const answers = [once.batcher.add(item(300_000), asIs), once.batcher.add(item(300_000), asIs)];
  (await once.batches.next()).refuse(outOfTime(null));
  for (const answer of answers) await expect(answer).rejects.toMatchObject({ codeName: "DEADLINE_EXCEEDED" });
});

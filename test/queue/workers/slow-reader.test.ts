import { connect } from "node:http2";
import { create, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it, onTestFinished } from "vitest";
import { TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { WorkRequestSchema, WorkResponseSchema } from "../../../gen/sitq/v1/worker_service_pb.js";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { bytes, enqueue, readQueue } from "../../harness/calls/tasks.ts";
import { startServer } from "../../harness/server.ts";
import { watch } from "../../harness/watch.ts";
import { frame, rawCall } from "../../rpc/rpc-harness.ts";

describe("rule 7: a worker that reads slowly is a bounded buffer", () => {
  it("hands out nothing more to a worker that does not read, and everything once it does", async () => {
    await using server = await startServer();
    const session = connect(`http://${server.address}`);
    onTestFinished(() => session.destroy());
    const { stream } = rawCall(session, "/sitq.v1.WorkerService/Work");
    const hello = { workerId: "slow", queues: ["orders"], capacity: 1_000 };
    const message = create(WorkRequestSchema, { message: { case: "hello", value: hello } });
    stream.write(frame(toBinary(WorkRequestSchema, message)));
    await new Promise((resolve) => stream.once("data", resolve));
    stream.pause();

    const seen = await watch(server, { filter: { states: [TaskState.RUNNING] } });
    for (let i = 0; i < 40; i++) await enqueue(server, { payload: bytes(100_000) });
    // Two or three fill the server's buffer, and what the connection itself takes is little more.
    expect(seen.changes.length).toBeLessThan(8);
    expect(Number((await readQueue(server)).statistics?.running)).toBe(seen.changes.length);

    // The others are served as ever.
    const other = await connectWorker(server, { workerId: "other", capacity: 5 });
    await other.take(5);
    await other.end(other.tasks, { case: "failed", value: { terminal: true } });
    await other.take(5);
    other.send({ case: "capacity", value: { n: 0 } });
    await other.complete(...other.tasks.slice(5));

    stream.resume();
    await seen.count(40);
    expect((await readQueue(server)).statistics).toMatchObject({ running: 30n, pending: 0n });
    session.destroy();
  });

  it("sends sixty tasks of 200 KiB to one worker in several messages, none above 4 MiB", async () => {
    await using server = await startServer();
    await Promise.all(Array.from({ length: 60 }, () => enqueue(server, { payload: bytes(200 * 1_024) })));
    const worker = await connectWorker(server, { capacity: 60 });
    const tasks = await worker.take(60);
    expect(new Set(tasks.map(({ id }) => id)).size).toBe(60);
    const sizes = worker.messages
      .filter((message) => message.case === "tasks")
      .map((message) => toBinary(WorkResponseSchema, create(WorkResponseSchema, { message })).length);
    expect(sizes.length).toBeGreaterThan(3);
    expect(Math.max(...sizes)).toBeLessThan(4_194_304);
  });

  it("sends the largest payloads one by one where two do not fit", async () => {
    const maxPayloadBytes = 3 * 1_048_576;
    await using server = await startServer({ config: { maxPayloadBytes } });
    const headers = { h: "x".repeat(16_000) };
    for (let i = 0; i < 2; i++) await enqueue(server, { payload: bytes(maxPayloadBytes - 5), headers });
    const worker = await connectWorker(server);
    await worker.take(2);
    expect(
      worker.messages.filter((message) => message.case === "tasks").map(({ value }) => value.tasks.length),
    ).toEqual([1, 1]);
  });
});

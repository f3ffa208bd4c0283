import { create } from "@bufbuild/protobuf";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "vitest";
import { WorkerSchema, WorkerState, WorkerStatisticsSchema } from "../../gen/sitq/v1/worker_service_pb.js";
import { createPaint } from "../../src/cli/terminal/paint.ts";
import { workerTable } from "../../src/cli/workers/worker-table.ts";
import { connectWorker } from "../harness/calls/scripted-worker.ts";
import { enqueueMany } from "../harness/calls/tasks.ts";
import { freshQueue, shareServer } from "../harness/shared-server.ts";
import { jsonLines, type ShellOptions, sitq } from "./cli-harness.ts";

const server = shareServer();

function run(args: readonly string[], options?: ShellOptions) {
  return sitq([...args, "--address", server().address], options);
}

test("workers says when there are none, and drain that there is no such worker", async () => {
  const queue = freshQueue();
  expect(await run(["workers", "--queue", queue])).toMatchObject({
    exitCode: 0,
    stdout: "",
    stderr: expect.stringContaining(`No workers for ${queue}`),
  });
  expect(await run(["drain", "nobody"])).toMatchObject({
    exitCode: 3,
    stderr: expect.stringContaining("sitq workers"),
  });
});

describe("workers", () => {
  test("says how the tasks of each ended, and how long the oldest has been running", async () => {
    const queue = freshQueue();
    await enqueueMany(server(), 4, { queue });
    const worker = await connectWorker(server(), { workerId: `${queue}-1`, queues: [queue], capacity: 8 });
    const tasks = await worker.take(4);
    await worker.complete(...tasks.slice(0, 2));
    await worker.end(tasks.slice(2, 3), { case: "failed", value: { terminal: true } });
    const { exitCode, stdout, stderr } = await run(["workers", "--queue", queue]);
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(
      /^WORKER +SERVICE +QUEUES +BUSY +STATE +DONE +FAILED +LOST +MEDIAN +P95 +OLDEST +CONNECTED +LAST SEEN +ADDRESS$/m,
    );
    const figures = "2 +1 +0 +[\\d.]+m?s +[\\d.]+m?s +\\ds";
    expect(stdout).toMatch(new RegExp(`^${queue}-1 +${queue} +1/8 +CONNECTED +${figures} +\\ds +\\ds ago$`, "m"));
    expect(jsonLines(await run(["workers", "--queue", queue, "--json"]))).toMatchObject([
      {
        id: `${queue}-1`,
        oldestTaskId: tasks[3]?.id,
        statistics: { completed: 2, failed: 1, released: 0, lost: 0, window: expect.stringMatching(/s$/) },
      },
    ]);
  });

  test("fit into a terminal, the lost ones marked", () => {
    const nowMs = Date.UTC(2026, 10, 29, 12);
    const at = (secondsAgo: number) => timestampFromMs(nowMs - secondsAgo * 1_000);
    const statistics = create(WorkerStatisticsSchema, {
      completed: 12_340n,
      failed: 3n,
      lost: 2n,
      medianDuration: durationFromMs(1_432),
      p95Duration: durationFromMs(73_000),
    });
    const workers = [
      create(WorkerSchema, {
        id: "packer-7",
        service: "shipping",
        queues: ["orders", "parcels"],
        capacity: 16,
        inFlight: 9,
        address: "10.0.0.7:9000",
        state: WorkerState.CONNECTED,
        connectTime: at(7_200),
        lastSeenTime: at(2),
        oldestTaskId: "1",
        oldestStartTime: at(600),
        lostTime: at(1_800),
        statistics,
      }),
      create(WorkerSchema, {
        id: "packer-8",
        service: "shipping",
        queues: ["orders"],
        capacity: 16,
        state: WorkerState.LOST,
        connectTime: at(7_200),
        lastSeenTime: at(750),
        lostTime: at(720),
        statistics: create(WorkerStatisticsSchema, { lost: 9n }),
      }),
    ];
    const paint = createPaint(false);
    expect(`\n${workerTable(workers, { paint, width: Number.POSITIVE_INFINITY }, nowMs)}\n`).toMatchInlineSnapshot(`
      "
      WORKER    SERVICE   QUEUES           BUSY  STATE           DONE  FAILED  LOST  MEDIAN  P95  OLDEST  CONNECTED  LAST SEEN  ADDRESS        REMARK
      packer-7  shipping  orders, parcels  9/16  CONNECTED     12,340       3     2    1.4s   1m     10m         2h     2s ago  10.0.0.7:9000  was lost 30m ago
      packer-8  shipping  orders           0/16  LOST 12m ago       0       0     9       -    -       -         2h    12m ago
      "
    `);
    expect(`\n${workerTable(workers, { paint, width: 100 }, nowMs)}\n`).toMatchInlineSnapshot(`
      "
      WORKER    BUSY  STATE           DONE  FAILED  LOST  MEDIAN  P95  OLDEST  REMARK
      packer-7  9/16  CONNECTED     12,340       3     2    1.4s   1m     10m  was lost 30m ago
      packer-8  0/16  LOST 12m ago       0       0     9       -    -       -
      "
    `);
  });
});

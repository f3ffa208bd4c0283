import { deflateSync, gzipSync } from "node:zlib";
import { create, toBinary } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { EnqueueRequestSchema, EnqueueResponseSchema } from "../../gen/sitq/v1/queue_service_pb.js";
import { createDecompression } from "../../src/grpc/server/decompression.ts";
import { frame, openHttp2, rawCall, startRpcHarness } from "../rpc/rpc-harness.ts";

const path = "/sitq.v1.QueueService/Enqueue";
const request = toBinary(EnqueueRequestSchema, create(EnqueueRequestSchema, { requestId: "r".repeat(100) }));

async function startServerThatAnswers() {
  const harness = await startRpcHarness({
    settings: { maxReceiveBytes: 1_048_576 },
    queue: {
      enqueue: async ({ requestId }) => create(EnqueueResponseSchema, { created: requestId.length === 100 }),
    },
  });
  return harness;
}

it.each([
  ["gzip", gzipSync(request)],
  ["deflate", deflateSync(request)],
])("reads what is compressed by %s", async (encoding, bytes) => {
  const harness = await startServerThatAnswers();
  const { stream } = rawCall(openHttp2(harness.address), path, { "grpc-encoding": encoding });
  const body = new Promise<Buffer>((resolve) => stream.on("data", resolve));
  stream.end(frame(bytes, { flag: 1 }));
  expect((await body).subarray(5)).toEqual(
    Buffer.from(toBinary(EnqueueResponseSchema, create(EnqueueResponseSchema, { created: true }))),
  );
});

it("refuses what is not what its compression says, and what becomes too large", async () => {
  const harness = await startServerThatAnswers();
  const cases: [Buffer, string, string][] = [
    [Buffer.from("rubbish"), "INVALID_ARGUMENT", "MALFORMED_MESSAGE"],
    [gzipSync(request).subarray(0, 20), "INVALID_ARGUMENT", "MALFORMED_MESSAGE"],
    [gzipSync(Buffer.alloc(1_048_577)), "RESOURCE_EXHAUSTED", "MESSAGE_TOO_LARGE"],
  ];
  for (const [bytes, codeName, reason] of cases) {
    const { stream, status } = rawCall(openHttp2(harness.address), path, { "grpc-encoding": "gzip" });
    stream.end(frame(bytes, { flag: 1 }));
    expect(await status).toMatchObject({ codeName, reason });
  }
});

it("decompresses no more at a time than its budget holds, in order, and all in the end", async () => {
  const bomb = gzipSync(Buffer.alloc(1_000_000));
  const decompress = createDecompression(1_000_000, 2_000_000);
  const done: number[] = [];
  let most = 0;
  const all = Array.from({ length: 12 }, async (_, index) => {
    expect(await decompress(bomb, "gzip")).toHaveLength(1_000_000);
    done.push(index);
    most = Math.max(
      most,
      index - Math.min(...Array.from({ length: 12 }, (_, n) => n).filter((n) => !done.includes(n)), 12),
    );
  });
  await Promise.all(all);
  expect(done).toHaveLength(12);
  // With two at a time nothing is done more than one place before its turn.
  expect(most).toBeLessThanOrEqual(1);
});

it("gives back what a message that is refused had taken", async () => {
  const decompress = createDecompression(100_000, 100_000);
  const bomb = gzipSync(Buffer.alloc(100_001));
  for (let n = 0; n < 5; n++) await expect(decompress(bomb, "gzip")).rejects.toMatchObject({ code: 8 });
  expect(await decompress(gzipSync(Buffer.alloc(10)), "gzip")).toHaveLength(10);
});

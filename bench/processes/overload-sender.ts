/** A process that enqueues by the clock, whether or not the server keeps up, over one bare HTTP/2 connection, and counts the answers. */

import { connect } from "node:http2";
import { create, toBinary } from "@bufbuild/protobuf";
import { EnqueueRequestSchema } from "../../gen/sitq/v1/queue_service_pb.js";

/** What a sender is told to do. */
export interface SenderOrder {
  readonly address: string;
  /** Calls that are due in a second. */
  readonly perSecond: number;
  readonly forMs: number;
  /** Calls that are open at a time; one that is due then is dropped and counted. */
  readonly mostOpen: number;
}

/** What became of what was due. */
export interface SenderCount {
  readonly accepted: number;
  readonly refused: number;
  readonly failed: number;
  readonly dropped: number;
}

const message = toBinary(
  EnqueueRequestSchema,
  create(EnqueueRequestSchema, { task: { queue: "overload", type: "work", headers: { filler: "x".repeat(200) } } }),
);
const frame = Buffer.concat([Buffer.alloc(5), message]);
frame.writeUInt32BE(message.length, 1);
const headers = {
  ":method": "POST",
  ":path": "/sitq.v1.QueueService/Enqueue",
  "content-type": "application/grpc",
  te: "trailers",
};
const tickMs = 2;

process.once("message", ({ address, perSecond, forMs, mostOpen }: SenderOrder) => {
  const session = connect(`http://${address}`);
  const count = { accepted: 0, refused: 0, failed: 0, dropped: 0 };
  let open = 0;
  let due = 0;

  function send(): void {
    open++;
    let code: string | undefined;
    const stream = session.request(headers);
    const take = (received: Record<string, unknown>) => {
      const status = received["grpc-status"];
      if (status !== undefined) code = String(status);
    };
    stream.on("response", take);
    stream.on("trailers", take);
    stream.on("error", () => undefined);
    stream.on("close", () => {
      open--;
      count[code === "0" ? "accepted" : code === "8" ? "refused" : "failed"]++;
    });
    stream.resume();
    stream.end(frame);
  }

  const beganMs = performance.now();
  const timer = setInterval(() => {
    const elapsedMs = performance.now() - beganMs;
    for (const target = Math.floor((elapsedMs / 1_000) * perSecond); due < target; due++) {
      if (open < mostOpen) send();
      else count.dropped++;
    }
    if (elapsedMs < forMs) return;
    clearInterval(timer);
    process.send?.(count satisfies SenderCount);
    session.destroy();
    process.disconnect();
  }, tickMs);
});

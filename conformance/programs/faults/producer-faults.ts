import { randomUUID } from "node:crypto";
import { fromBinary } from "@bufbuild/protobuf";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { EnqueueRequestSchema } from "../../../gen/sitq/v1/queue_service_pb.js";
import { encodeItem } from "../../../src/client/connection/encoded-items.ts";
import { EnqueueStream } from "../../../src/client/connection/enqueue-stream.ts";
import { limits } from "../../../src/contract/limits.ts";
import type { Fault } from "./fault.ts";

/** What a producer does wrong. */
export const producerFaults: Readonly<Record<string, Fault>> = {
  hurries: {
    breaks: "retry-info",
    complaint: /it was repeated after \d+ ms; RetryInfo says 1500/,
    sabotage() {
      const { setTimeout } = globalThis;
      const hurried = (callback: () => void, ms = 0) => setTimeout(callback, ms / 10);
      globalThis.setTimeout = Object.assign(hurried, setTimeout) as typeof setTimeout;
    },
  },
  "changes-request-ids": {
    breaks: "request-id",
    complaint: /a request_id was not kept, or used twice/,
    sabotage() {
      const { send } = EnqueueStream.prototype;
      EnqueueStream.prototype.send = function (this: EnqueueStream, batch) {
        const items = batch.items.map((item) => {
          const request = fromBinary(EnqueueRequestSchema, new BinaryReader(item).bytes());
          return encodeItem(EnqueueRequestSchema, { ...request, requestId: randomUUID() });
        });
        return send.call(this, { ...batch, items });
      };
    },
  },
  "enqueues-one-by-one": {
    breaks: "coalescing",
    complaint: /took 500 requests/,
    sabotage() {
      Object.assign(limits, { batchSize: 1 });
    },
  },
};

import { randomUUID } from "node:crypto";
import { fromBinary } from "@bufbuild/protobuf";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { EnqueueRequestSchema } from "../../gen/sitq/v1/queue_service_pb.js";
import { encodeItem } from "../../src/client/connection/encoded-items.ts";
import { EnqueueStream } from "../../src/client/connection/enqueue-stream.ts";
import { OutcomeOutbox } from "../../src/client/worker/outcome-outbox.ts";
import { WorkerProtocol } from "../../src/client/worker/worker-protocol.ts";
import { OutboundStream } from "../../src/grpc/outbound-stream.ts";

/** A way to make a conforming program break a rule. */
export interface Fault {
  /** A rule that it breaks. */
  readonly breaks: string;
  /** How the judge says so. */
  readonly complaint: RegExp;
  /** Does it to the SDK, before the program begins. */
  sabotage(): void;
}

/** What is done to the program of the TypeScript SDK, so that the judge is seen to fail it. */
export const faults: Readonly<Record<string, Fault>> = {
  "forgets-outcomes": {
    breaks: "cut-during-outcome",
    complaint: /the outcome was sent over three streams: not within/,
    sabotage() {
      OutcomeOutbox.prototype.sendAgain = () => undefined;
    },
  },
  "forgets-leases": {
    breaks: "cut-before-outcome",
    complaint: /held does not name the running task/,
    sabotage() {
      changeHello((hello) => {
        hello.held = [];
      });
    },
  },
  "repeats-settled-outcomes": {
    breaks: "stale-settlement",
    complaint: /hello names them in held/,
    sabotage() {
      OutcomeOutbox.prototype.settled = () => undefined;
    },
  },
  "repeats-large-messages": {
    breaks: "message-too-large",
    complaint: /a failure came: not within/,
    sabotage() {
      const { sendAgain } = OutcomeOutbox.prototype;
      OutcomeOutbox.prototype.sendAgain = function (this: OutcomeOutbox) {
        sendAgain.call(this, null);
      };
    },
  },
  "exceeds-capacity": {
    breaks: "more-tasks-than-capacity",
    complaint: /handlers ran at a time, with a capacity of 3/,
    sabotage() {
      const at = process.argv.indexOf("--capacity") + 1;
      const capacity = Number(process.argv[at]);
      process.argv[at] = String(capacity * 2);
      changeHello((hello) => {
        hello.capacity = capacity;
      });
    },
  },
  "changes-incarnation": {
    breaks: "cut-after-outcome",
    complaint: /the incarnation is another one after a reconnect/,
    sabotage() {
      changeHello((hello) => {
        hello.incarnation = randomUUID();
      });
    },
  },
  "sends-no-heartbeats": {
    breaks: "heartbeats-alone",
    complaint: /a heartbeat came within two intervals: not within/,
    sabotage() {
      const { send } = OutboundStream.prototype;
      OutboundStream.prototype.send = function (this: OutboundStream<unknown>, message: unknown) {
        return /heartbeat/.test(JSON.stringify(message)) ? true : send.call(this, message);
      };
    },
  },
  "trusts-tcp": {
    breaks: "half-open",
    complaint: /the worker reconnected: not within/,
    sabotage() {
      performance.now = () => 0;
    },
  },
  "ignores-cancel": {
    breaks: "cancel",
    complaint: /the handler was cancelled: not within/,
    sabotage() {
      onMessages((message) => message.case !== "cancel");
    },
  },
  "dies-of-unknown-messages": {
    breaks: "unknown-messages",
    complaint: /not before the program ended|the stream broke/,
    sabotage() {
      onMessages((message) => {
        if (message.case === undefined) process.exit(1);
        return true;
      });
    },
  },
  "gives-up": {
    breaks: "any-end",
    complaint: /the worker reconnected after OK: not/,
    sabotage() {
      let hellos = 0;
      changeHello(() => {
        hellos++;
        if (hellos > 1) process.exit(1);
      });
    },
  },
  "ends-at-once": {
    breaks: "stop",
    complaint: /capacity\{0\} came: not before the program ended/,
    sabotage() {
      process.once("SIGTERM", () => process.exit(0));
    },
  },
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
};

type Hello = Extract<ReturnType<WorkerProtocol["hello"]>["message"], { case: "hello" }>["value"];
type Heard = Parameters<WorkerProtocol["onMessage"]>[0];

function changeHello(change: (hello: Hello) => void): void {
  const { hello } = WorkerProtocol.prototype;
  WorkerProtocol.prototype.hello = function (this: WorkerProtocol) {
    const request = hello.call(this);
    if (request.message.case === "hello") change(request.message.value);
    return request;
  };
}

/** @param passes whether the protocol gets a message */
function onMessages(passes: (message: Heard) => boolean): void {
  const { onMessage } = WorkerProtocol.prototype;
  WorkerProtocol.prototype.onMessage = function (this: WorkerProtocol, message: Heard) {
    if (passes(message)) onMessage.call(this, message);
  };
}

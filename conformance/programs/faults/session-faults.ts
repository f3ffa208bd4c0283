import { randomUUID } from "node:crypto";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { ProgressReporter } from "../../../src/client/worker/progress-reporter.ts";
import { OutboundStream } from "../../../src/grpc/outbound-stream.ts";
import { changeHello, type Fault, onMessages } from "./fault.ts";

/** What a worker says wrong of itself, or hears wrong. */
export const sessionFaults: Readonly<Record<string, Fault>> = {
  "hides-its-incarnation": {
    breaks: "hello",
    complaint: /hello has no incarnation/,
    sabotage() {
      changeHello((hello) => {
        hello.incarnation = "";
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
  "forgets-leases": {
    breaks: "cut-before-outcome",
    complaint: /held does not name the running task/,
    sabotage() {
      changeHello((hello) => {
        hello.held = [];
      });
    },
  },
  "holds-a-hundred": {
    breaks: "many-leases",
    complaint: /held names 100 of 200 tasks/,
    sabotage() {
      changeHello((hello) => {
        hello.held = hello.held.slice(0, 100);
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
  "tries-in-vain": {
    breaks: "large-headers",
    complaint: /the pauses are too short/,
    sabotage() {
      Math.random = () => 0.01;
    },
  },
  "ignores-cancel": {
    breaks: "cancel",
    complaint: /the handler was cancelled: not within/,
    sabotage() {
      onMessages((message) => message.case !== "cancel");
    },
  },
  "ignores-losses": {
    breaks: "lost-lease",
    complaint: /the handler was cancelled: not within/,
    sabotage() {
      onMessages((message) => {
        if (message.case === "welcome") message.value.lost = [];
        return true;
      });
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
  "compares-clocks": {
    breaks: "clocks",
    complaint: /not before the program ended/,
    sabotage() {
      onMessages((message) => {
        const { serverTime } = message.case === "heartbeat" ? message.value : {};
        if (serverTime && Math.abs(timestampMs(serverTime) - Date.now()) > 60_000) process.exit(1);
        return true;
      });
    },
  },
  "stops-on-drain": {
    breaks: "operator-drains",
    complaint: /the worker ended the stream/,
    sabotage() {
      onMessages((message) => {
        if (message.case === "drain") process.kill(process.pid, "SIGTERM");
        return true;
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
  "judges-at-once": {
    breaks: "suspended-process",
    complaint: /the worker reconnected/,
    sabotage() {
      const { setImmediate } = globalThis;
      globalThis.setImmediate = Object.assign(
        (callback: () => void) => callback(),
        setImmediate,
      ) as typeof setImmediate;
    },
  },
  "keeps-progress": {
    breaks: "progress",
    complaint: /progress came: not within/,
    sabotage() {
      ProgressReporter.prototype.take = () => [];
    },
  },
};

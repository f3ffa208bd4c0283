import { OutcomeOutbox } from "../../../src/client/worker/outcome-outbox.ts";
import { limits } from "../../../src/contract/limits.ts";
import { changeOutcomes, type Fault, onMessages } from "./fault.ts";

/** What a worker does wrong with its outcomes. */
export const outcomeFaults: Readonly<Record<string, Fault>> = {
  "forgets-outcomes": {
    breaks: "cut-during-outcome",
    complaint: /the outcome was sent over three streams: not within/,
    sabotage() {
      OutcomeOutbox.prototype.sendAgain = () => undefined;
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
  "loses-results": {
    breaks: "results",
    complaint: /the result of a is undefined/,
    sabotage() {
      changeOutcomes((outcome) => {
        if (outcome.case === "completed") delete outcome.value.result;
      });
    },
  },
  "always-retries": {
    breaks: "failures",
    complaint: /a failure for good is not terminal/,
    sabotage() {
      changeOutcomes((outcome) => {
        if (outcome.case === "failed") outcome.value.terminal = false;
      });
    },
  },
  "gives-no-reason": {
    breaks: "no-handler",
    complaint: /released with the reason $/,
    sabotage() {
      changeOutcomes((outcome) => {
        if (outcome.case === "released") outcome.value.reason = "";
      });
    },
  },
  "ignores-rejections": {
    breaks: "rejected-outcome",
    complaint: /another outcome came: not within/,
    sabotage() {
      onMessages((message) => message.case !== "settled");
    },
  },
  "does-not-wait": {
    breaks: "stop-waits",
    complaint: /it ended before the outcome was settled/,
    sabotage() {
      OutcomeOutbox.prototype.emptied = () => Promise.resolve();
    },
  },
  "sends-one-by-one": {
    breaks: "gathering",
    complaint: /took 100 messages/,
    sabotage() {
      Object.assign(limits, { outcomesPerMessage: 1 });
    },
  },
  "knows-no-size": {
    breaks: "large-results",
    complaint: /the stream broke/,
    sabotage() {
      Object.assign(limits, { messageBytes: 100_000_000 });
    },
  },
};

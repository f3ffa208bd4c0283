import type { AttemptOutcome } from "../../../src/client/worker/attempt-outcome.ts";
import { OutcomeOutbox } from "../../../src/client/worker/outcome-outbox.ts";
import { WorkerProtocol } from "../../../src/client/worker/worker-protocol.ts";

/** A way to make a conforming program break a rule. */
export interface Fault {
  /** A rule that it breaks. */
  readonly breaks: string;
  /** How the judge says so. */
  readonly complaint: RegExp;
  /** Does it to the SDK, before the program begins. */
  sabotage(): void;
}

type Hello = Extract<ReturnType<WorkerProtocol["hello"]>["message"], { case: "hello" }>["value"];
type Heard = Parameters<WorkerProtocol["onMessage"]>[0];

/** Changes each `hello` before it is sent. */
export function changeHello(change: (hello: Hello) => void): void {
  const { hello } = WorkerProtocol.prototype;
  WorkerProtocol.prototype.hello = function (this: WorkerProtocol) {
    const request = hello.call(this);
    if (request.message.case === "hello") change(request.message.value);
    return request;
  };
}

/** Changes each outcome before it is kept. */
export function changeOutcomes(change: (outcome: AttemptOutcome) => void): void {
  const { add } = OutcomeOutbox.prototype;
  OutcomeOutbox.prototype.add = function (this: OutcomeOutbox, taskId, attempt, outcome) {
    change(outcome);
    add.call(this, taskId, attempt, outcome);
  };
}

/** Sees each message of the server first. @param passes whether the protocol gets a message */
export function onMessages(passes: (message: Heard) => boolean): void {
  const { onMessage } = WorkerProtocol.prototype;
  WorkerProtocol.prototype.onMessage = function (this: WorkerProtocol, message: Heard) {
    if (passes(message)) onMessage.call(this, message);
  };
}

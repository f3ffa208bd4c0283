import { status as statusCode } from "@grpc/grpc-js";
import type { Rule } from "../judge/rule.ts";
import type { Trial } from "../judge/trial.ts";
import { refusal } from "../script/scripted-server.ts";
import { scriptedTask } from "../script/task.ts";

const section = "protocol.md#refusals-that-last";
/** How long a worker is watched that is refused, in milliseconds. Usual pauses, of at most 6.1 s in all, begin six further tries meanwhile. */
const watchedMs = 8_000;
/** How often it may try. Of pauses of up to 2, 4, 8, … s, each a random part of that, one run in 5000 has more. */
const mostTries = 6;
/** The longest pause that may have begun meanwhile, in milliseconds, and what a busy machine adds. */
const longestPauseMs = 35_000;

/** What a server refuses until an operator changes it. */
export const refusalRules: readonly Rule[] = [
  {
    id: "withdrawn-rights",
    sentence:
      "A worker whose token is revoked or whose rights are withdrawn while it works keeps what it runs, and tries again after long pauses; let in again, it names it in `held`.",
    section,
    mode: "worker",
    seconds: 20,
    async run(trial) {
      const { server, proxy } = await trial.play();
      const worker = await trial.connectedWorker({ server, proxy });
      server.stream.tasks(scriptedTask("a", "sleep", { seconds: 50 }));
      await trial.until(() => worker.hasStarted("a"), "the handler began");
      let tries = 1;
      server.authorize = () =>
        ++tries % 2 === 0
          ? refusal(statusCode.UNAUTHENTICATED, "CREDENTIALS_REVOKED")
          : refusal(statusCode.PERMISSION_DENIED, "PERMISSION_DENIED");
      server.stream.end(refusal(statusCode.UNAUTHENTICATED, "CREDENTIALS_REVOKED"));
      await expectLongPauses(trial, () => tries);
      server.authorize = () => null;
      await trial.until(() => server.streams.length === 2, "the worker reconnected", longestPauseMs);
      trial.expect(server.stream.holds({ taskId: "a", attempt: 1 }), "held does not name the running task");
      trial.expect(worker.running === 1, "the handler was cancelled");
    },
  },
  {
    id: "large-headers",
    sentence: "A worker whose headers are refused with `HEADERS_TOO_LARGE` tries again after long pauses.",
    section,
    mode: "worker",
    seconds: 10,
    async run(trial) {
      const { server, proxy } = await trial.play();
      server.onHello = (stream) => stream.end(refusal(statusCode.RESOURCE_EXHAUSTED, "HEADERS_TOO_LARGE"));
      const worker = await trial.connectedWorker({ server, proxy });
      await expectLongPauses(trial, () => server.streams.length);
      trial.expect(worker.end === null, `the program ended with ${worker.end}`);
    },
  },
];

/** Counts the tries of a worker that is refused. @throws Broken if they are as many as after other failures */
async function expectLongPauses(trial: Trial, tries: () => number): Promise<void> {
  await trial.pass(watchedMs);
  trial.expect(tries() <= mostTries, `it tried ${tries()} times in ${watchedMs} ms: the pauses are too short`);
}

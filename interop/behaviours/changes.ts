import { answerers, answersOf, deadlineMs, failed, Late, promptMs, reconnectMs, type Trial } from "../trial/trial.ts";
import type { Behaviour } from "./behaviour.ts";

/** What a call may take that fails at once, in milliseconds. */
const atOnceMs = 1_000;

/** What clients do when instances come and go. */
export const changes: readonly Behaviour[] = [
  {
    id: "call",
    sentence: "A call to `xds:///SERVICE` gets through.",
    async run(trial) {
      await trial.start("a");
      const outcome = await trial.callWell({ calls: 1, concurrency: 1 });
      trial.expect(outcome.answers.a === 1, `it was answered by ${answersOf(outcome)}`);
    },
  },
  {
    id: "none-yet",
    sentence:
      "Of a service without instances calls fail by UNAVAILABLE at once, and get through when the first one registers.",
    async run(trial) {
      await trial.call({ calls: 1, concurrency: 1 });
      await failsAtOnce(trial);
      await trial.start("a");
      const tookMs = await trial.callUntil((outcome) => failed(outcome) === 0, "calls get through", {
        mayFail: Number.POSITIVE_INFINITY,
      });
      trial.say(`${tookMs} ms`);
    },
  },
  {
    id: "one-more",
    sentence: "An instance that registers gets calls within 1 s; no call fails.",
    async run(trial) {
      await trial.start("a");
      await trial.callWell();
      await trial.start("b");
      const tookMs = await trial.callUntil(({ answers }) => "b" in answers, "b gets calls");
      trial.say(`${tookMs} ms`);
    },
  },
  {
    id: "one-less",
    sentence: "An instance that deregisters gets none any more after 1 s; no call fails.",
    async run(trial) {
      await trial.start("a");
      const b = await trial.start("b");
      await trial.callUntilAll("a", "b");
      await b.leave();
      const tookMs = await trial.callUntil(({ answers }) => !("b" in answers), "b gets no calls");
      const after = await trial.callWell({ calls: 200 });
      trial.expect(after.answers.b === undefined, `after it was left out, b got calls: ${answersOf(after)}`);
      trial.say(`${tookMs} ms`);
    },
  },
  {
    id: "dead",
    sentence:
      "An instance that dies without a word gets no calls though it is still registered; at most those that it had fail.",
    async run(trial) {
      await trial.start("a");
      const b = await trial.start("b");
      await trial.callUntilAll("a", "b");
      b.backend.kill();
      const isOver = (outcome: Parameters<typeof failed>[0]) => failed(outcome) === 0 && !("b" in outcome.answers);
      const tookMs = await trial.callUntil(isOver, "only a gets calls", { mayFail: 2 });
      await trial.callWell({ calls: 100 });
      trial.say(`${tookMs} ms`);
    },
  },
  {
    id: "last-one",
    sentence:
      "When the last instance goes, calls fail by UNAVAILABLE at once, not at their deadline; when one is back, they get through.",
    async run(trial) {
      const a = await trial.start("a");
      await trial.callWell();
      await a.leave();
      const isGone = (outcome: Parameters<typeof failed>[0]) => answerers(outcome).length === 0;
      const goneMs = await trial.callUntil(isGone, "no call gets through", { mayFail: Number.POSITIVE_INFINITY });
      await failsAtOnce(trial);
      await a.enter();
      const backMs = await trial.callUntil((outcome) => failed(outcome) === 0, "calls get through again", {
        mayFail: Number.POSITIVE_INFINITY,
      });
      trial.say(`gone ${goneMs} ms, back ${backMs} ms`);
    },
  },
  {
    id: "sitq-away",
    sentence:
      "While sitq is away (SIGKILL), calls go on without a failure; a change after it is back reaches the client.",
    async run(trial) {
      await trial.start("a");
      await trial.start("b");
      await trial.callUntilAll("a", "b");
      await trial.scene.killServer();
      const untilMs = performance.now() + 2 * promptMs;
      const isOver = () => performance.now() > untilMs;
      await trial.callUntil(isOver, "two seconds are over", { withinMs: 4 * promptMs });
      await Promise.all([
        trial.scene.startServer(),
        trial.callUntil(isOver, "a batch of calls is over", { withinMs: reconnectMs }),
      ]);
      const backMs = performance.now();
      await trial.start("c");
      await trial.callUntil(({ answers }) => "c" in answers, "c gets calls", { withinMs: reconnectMs });
      trial.say(`${Math.round(performance.now() - backMs)} ms after sitq is back`);
    },
  },
  {
    id: "sitq-late",
    sentence: "A client that starts before sitq does gets through once sitq is there.",
    async run(trial) {
      const { scene } = trial;
      await trial.start("a");
      await scene.killServer();
      await scene.restartProgram();
      const early = await trial.call({ calls: 1, concurrency: 1 });
      trial.expect(failed(early) === 1, `without sitq: ${answersOf(early)}`);
      await scene.startServer();
      const tookMs = await trial.callUntil((outcome) => failed(outcome) === 0, "calls get through", {
        withinMs: reconnectMs,
        mayFail: Number.POSITIVE_INFINITY,
      });
      trial.say(`${Object.keys(early.failures).join()} before, ${tookMs} ms after`);
    },
  },
];

/** Calls fail now, and long before their deadline. */
async function failsAtOnce(trial: Trial): Promise<void> {
  const beganMs = performance.now();
  const outcome = await trial.call({ calls: 5, concurrency: 5 });
  const tookMs = Math.round(performance.now() - beganMs);
  trial.expect(outcome.failures.UNAVAILABLE === 5, `without an instance: ${answersOf(outcome)}`);
  if (tookMs >= atOnceMs) throw new Late(`calls failed only after ${tookMs} ms, with a deadline of ${deadlineMs} ms`);
  trial.say(`"${outcome.messages[0] ?? ""}"`);
}

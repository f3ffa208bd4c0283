import type { MessagePort, Worker } from "node:worker_threads";
import type { Clock } from "../../domain/clock.ts";
import { createService, type Service } from "../../domain/service.ts";
import type { Job, JobAnswer, RunJob } from "./job.ts";

/** Does jobs one after the other on a thread of its own. Its stop rejects what is not done yet. */
export interface HeavyLane extends Service {
  /** @param allowance what it may cost, asked when its turn has come */
  run(job: Job, allowance: () => number): Promise<JobAnswer>;
}

/** What goes over to the thread; a JobAnswer comes back. */
export interface HeavyJob {
  readonly job: Job;
  readonly allowance: number;
}

/**
 * A job that takes longer than this is given up: what it costs is counted, so that this is there for what the count does not
 * know. In milliseconds.
 */
const longestMs = 60_000;

interface Waiting {
  readonly job: Job;
  readonly allowance: () => number;
  readonly answer: PromiseWithResolvers<JobAnswer>;
}

/** Creates a lane whose thread starts with the first job. */
export function createHeavyLane(startThread: () => Worker, clock: Clock): HeavyLane {
  const waiting: Waiting[] = [];
  let current: Waiting | null = null;
  let thread: Worker | null = null;
  let endTimer: () => void = () => undefined;
  let stopped = false;

  function start(): Worker {
    const started = startThread();
    started.unref();
    started.on("message", (answer: JobAnswer) => {
      if (started === thread) done(answer);
    });
    // Out of memory, most likely: the next job gets a fresh one.
    started.on("error", () => {
      if (started === thread) giveUp("takes too much memory");
    });
    return started;
  }

  function next(): void {
    if (current !== null || stopped) return;
    current = waiting.shift() ?? null;
    if (current === null) return;
    const { job, allowance } = current;
    thread ??= start();
    thread.postMessage({ job: withOwnBytes(job), allowance: allowance() } satisfies HeavyJob);
    endTimer = clock.after(longestMs, () => giveUp("takes too long"));
  }

  function done(answer: JobAnswer): void {
    endTimer();
    current?.answer.resolve(answer);
    current = null;
    // What this one cost is counted by then.
    setImmediate(next);
  }

  function giveUp(why: string): void {
    void thread?.terminate();
    thread = null;
    const cost = current?.allowance() ?? 0;
    done({ kind: "too_costly", place: "json", message: `is too costly: it ${why}`, cost });
  }

  const service = createService({
    async stop() {
      stopped = true;
      endTimer();
      for (const { answer } of [...(current === null ? [] : [current]), ...waiting.splice(0)]) {
        answer.reject(new Error("the thread for costly parameters was stopped"));
      }
      current = null;
      await thread?.terminate();
      thread = null;
    },
  });

  return {
    ...service,

    run(job, allowance) {
      const answer = Promise.withResolvers<JobAnswer>();
      if (stopped) answer.reject(new Error("the thread for costly parameters is stopped"));
      else waiting.push({ job, allowance, answer });
      next();
      return answer.promise;
    },
  };
}

/** Answers the jobs that come over a port, on the other side. */
export function answerJobs(port: MessagePort, runJob: RunJob): void {
  port.on("message", ({ job, allowance }: HeavyJob) => {
    port.postMessage(runJob(job, { allowance, isLight: false }));
  });
}

/** A view would go over with all that it is a view of. */
function withOwnBytes(job: Job): Job {
  const own = <T extends Uint8Array | null>(bytes: T) => (bytes === null ? null : new Uint8Array(bytes));
  const parameters = new Uint8Array(job.parameters);
  if (job.kind === "read") return { ...job, parameters };
  const results = Object.fromEntries(Object.entries(job.results).map(([stepId, result]) => [stepId, own(result)]));
  return { ...job, parameters, input: own(job.input), results };
}

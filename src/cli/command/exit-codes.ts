/** How a command's process ends, for scripts. docs/cli.md and the help name each. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  refused: 4,
  notCompleted: 5,
  unreachable: 6,
  timedOut: 7,
} as const;

/** One of them. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What each one says. */
export const exitCodeMeanings: Readonly<Record<ExitCode, string>> = {
  0: "done",
  1: "failed: the server, a file, or the answer to a question",
  2: "wrong usage, or a value that the server does not take",
  3: "there is no such task, workflow, event, subscription, queue, worker, service or instance",
  4: "refused as things stand: wrong state, exists already, queue full",
  5: "the task or workflow that was waited for is FAILED or CANCELLED",
  6: "the server cannot be reached, or is stopping",
  7: "the task or workflow that was waited for is not finished yet",
};

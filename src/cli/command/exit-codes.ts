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
  denied: 8,
  critical: 9,
} as const;

/** One of them. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What each one says. */
export const exitCodeMeanings: Readonly<Record<ExitCode, string>> = {
  0: "done",
  1: "failed: server error, file error, or not confirmed",
  2: "wrong usage, or an invalid value",
  3: "not found: task, workflow, event, subscription, queue, worker, service or instance",
  4: "refused in the current state: wrong state, already exists, queue full",
  5: "the awaited task or workflow is FAILED or CANCELLED",
  6: "the server cannot be reached or is stopping",
  7: "the awaited task or workflow is not finished yet",
  8: "not allowed: no or wrong credentials, or a role that is not enough",
  9: "something is critical (sitq status)",
};

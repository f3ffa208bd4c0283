/** What is done to a database while servers use it. */
export const databaseFaults = [
  /** SIGKILL of all its processes, and a start. */
  "kill",
  /** SIGKILL of the process of one session, in the middle of a transaction if there is one: the others end with it. */
  "kill-session",
  /** SIGSTOP of all its processes for longer than a lease lasts, and SIGCONT. */
  "freeze",
  /** Its connections are reset. */
  "cut",
  /** Nothing arrives on its connections, at either end; after a while they are reset. */
  "silence",
  /** What it answers does not arrive, what it is asked does; after a while its connections are reset. */
  "no-answers",
  /** The connection on which the next commit is asked for is reset, before the database hears of it: it is undone. */
  "cut-before-commit",
  /** The same, and the database hears of the commit: its answer does not arrive. */
  "cut-after-commit",
  /** The connection on which a commit is answered next is reset before the answer arrives. */
  "cut-before-answer",
] as const;

/** One of `databaseFaults`. */
export type DatabaseFault = (typeof databaseFaults)[number];

/** What is done to one of several servers beside the kills. */
export const serverFaults = [
  /** SIGSTOP for longer than a server counts as alive, and SIGCONT. */
  "freeze-server",
  /** The same of the server that leads. */
  "freeze-leader",
] as const;

/** One of `serverFaults`. */
export type ServerFault = (typeof serverFaults)[number];

const faults = [...databaseFaults, ...serverFaults];

/** The faults that a test is asked for, in their order: SITQ_CRASH_FAULTS, with commas between them. Default: none. */
export function askedFaults(): readonly (DatabaseFault | ServerFault)[] {
  const names = (process.env.SITQ_CRASH_FAULTS ?? "").split(",").filter(Boolean);
  return names.map((name) => {
    const fault = faults.find((each) => each === name);
    if (fault === undefined) throw new Error(`SITQ_CRASH_FAULTS: there is no fault ${name}`);
    return fault;
  });
}

/** Whether a fault is one of `serverFaults`. */
export function isServerFault(fault: DatabaseFault | ServerFault): fault is ServerFault {
  return serverFaults.some((each) => each === fault);
}

/** How much longer a test may take for the faults that it is asked for, in milliseconds: what was enqueued meanwhile is worked off at its end. */
export const faultsMs = askedFaults().length * 90_000;

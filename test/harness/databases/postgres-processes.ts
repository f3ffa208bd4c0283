import { readFileSync } from "node:fs";

/** The processes of a server of PostgreSQL, the first one included: each session has one of its own. */
export function postgresProcesses(firstPid: number): number[] {
  return [firstPid, ...childrenOf(firstPid)];
}

/** Signals all processes of a server of PostgreSQL, the first one before the others. */
export function signalPostgres(firstPid: number, signal: NodeJS.Signals): void {
  for (const pid of postgresProcesses(firstPid)) signalProcess(pid, signal);
}

/** Signals a process; false: it has ended. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  return text.split(" ").filter(Boolean).map(Number);
}

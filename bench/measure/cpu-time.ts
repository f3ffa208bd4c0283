import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import type { Figure } from "../case.ts";

/** How long the threads of a process that run have kept a core busy, in seconds; NaN where the system does not tell. */
export function cpuSeconds(pid: number): number {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    // Linux counts it in nanoseconds here, and of the whole process only in hundredths of a second.
    const spent = threads.map((id) => Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, "utf8").split(" ")[0]));
    return spent.reduce((sum, ns) => sum + ns, 0) / 1e9;
  } catch {
    // Another system than Linux: the figure is left out.
    return Number.NaN;
  }
}

/**
 * Begins to measure what a process spends on tasks; the answered function says it of so many of them. It is steadier than a
 * rate: what else runs on the machine takes time, and no processor time from this.
 */
export function startCpuTime(pid: number): (tasks: number) => Figure[] {
  const before = cpuSeconds(pid);
  return (tasks) => {
    const value = ((cpuSeconds(pid) - before) / tasks) * 1e6;
    return Number.isNaN(value) ? [] : [{ name: "server's processor time", unit: "µs", value }];
  };
}

/** The resident set of a process, in megabytes, as the system counts it. */
export function residentMb(pid: number): number {
  return (Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) * 1_024) / 1e6;
}

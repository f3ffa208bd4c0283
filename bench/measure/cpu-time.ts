import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Figure } from "../case.ts";

/** Linux counts the time of processes in hundredths of a second. */
const ticksPerSecond = 100;

/** How long all threads of a process have kept a core busy, in seconds; NaN where the system does not tell. */
export function cpuSeconds(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
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

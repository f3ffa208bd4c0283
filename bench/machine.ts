import { execFileSync } from "node:child_process";
import { arch, cpus, loadavg, platform, release, totalmem } from "node:os";
import Database from "better-sqlite3";

/** What the figures were measured on, and of what. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly sqlite: string;
  /** The commit, with `+` if files differ from it; empty: not known. */
  readonly commit: string;
  /** How busy the machine was before: tasks that wanted to run, over the last minute. */
  readonly load: number;
  readonly time: string;
}

/** Looks at the machine. */
export function describeMachine(): Machine {
  const db = new Database(":memory:");
  const sqlite = String(db.prepare("SELECT sqlite_version()").pluck().get());
  db.close();
  return {
    cpu: cpus()[0]?.model.trim() ?? "",
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 1e9),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
    sqlite,
    commit: commit(),
    load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
    time: new Date().toISOString(),
  };
}

/** The machine in one line. */
export function machineLine({ cpu, cores, memoryGb, system, node, sqlite, commit: of, load }: Machine): string {
  return `${cpu}, ${cores} cores, ${memoryGb} GB, ${system}; Node ${node}, SQLite ${sqlite}; commit ${of}; load ${load}`;
}

function commit(): string {
  const git = (...args: string[]) =>
    execFileSync("git", args, {
      cwd: import.meta.dirname,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  try {
    return `${git("rev-parse", "--short", "HEAD")}${git("status", "--porcelain") === "" ? "" : "+"}`;
  } catch {
    // A copy without its history is measured as well.
    return "";
  }
}

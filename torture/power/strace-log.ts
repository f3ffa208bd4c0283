import type { FileChange } from "./disk-file.ts";

/** What a server did to its files, in the order in which it did it. */
export interface FileOperation {
  /** When it began, in milliseconds since 1970. */
  readonly atMs: number;
  /** Whether it is of the database or of its WAL. */
  readonly file: "database" | "wal";
  readonly change: FileChange | { readonly kind: "sync" };
}

/** The system calls that change a file. */
export const changingCalls = ["pwrite64", "write", "pwritev", "ftruncate", "fsync", "fdatasync"] as const;

/** How strace is to write, so that the log can be read: each call with its time, the file's path and all its bytes. */
export const straceFlags = [
  "-D",
  "-f",
  "-qq",
  "--seccomp-bpf",
  "-ttt",
  "-y",
  "-x",
  "-s",
  "1000000",
  "-e",
  "signal=none",
  "-e",
  `trace=${changingCalls.join(",")}`,
] as const;

/**
 * Reads what was done to a database and its WAL.
 *
 * @param log strace's log, written with `straceFlags`
 * @param dbPath the database's path, without links
 * @throws Error at a call that changes one of the files and is not understood
 */
export function readStraceLog(log: string, dbPath: string): FileOperation[] {
  const operations: FileOperation[] = [];
  /** Calls of which the end comes later, by thread. */
  const unfinished = new Map<string, string>();
  for (const line of log.split("\n")) {
    const call = wholeCall(line, unfinished);
    if (call === null) continue;
    const file = call.path === dbPath ? "database" : call.path === `${dbPath}-wal` ? "wal" : null;
    if (file === null) continue;
    const change = changeOf(call);
    if (change !== null) operations.push({ atMs: call.atMs, file, change });
  }
  return operations;
}

interface Call {
  readonly atMs: number;
  readonly name: string;
  readonly path: string;
  /** What stands behind the descriptor, up to the result. */
  readonly rest: string;
  readonly result: number;
}

function wholeCall(line: string, unfinished: Map<string, string>): Call | null {
  const [, thread = "", text = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
  if (text.endsWith("<unfinished ...>")) {
    unfinished.set(thread, text.slice(0, -"<unfinished ...>".length).trimEnd());
    return null;
  }
  const [, end] = /<\.\.\. \w+ resumed>(.*)$/.exec(text) ?? [];
  const whole = end === undefined ? text : `${unfinished.get(thread) ?? ""}${end}`;
  const match = /^([\d.]+) (\w+)\(\d+<([^>]*)>(.*)\) += (-?\d+)/s.exec(whole);
  if (match === null) return null;
  const [, time = "", name = "", path = "", rest = "", result = ""] = match;
  return { atMs: Number(time) * 1_000, name, path, rest, result: Number(result) };
}

function changeOf({ name, rest, result }: Call): FileOperation["change"] | null {
  if (result < 0) return null;
  switch (name) {
    case "fsync":
    case "fdatasync":
      return { kind: "sync" };
    case "ftruncate":
      return { kind: "truncate", size: Number(rest.replace(", ", "")) };
    case "pwrite64": {
      const match = /^, "(.*)", \d+, (\d+)$/s.exec(rest);
      if (match === null) throw new Error(`strace's line of a write is not understood: ${rest.slice(-80)}`);
      const [, text = "", offset = ""] = match;
      return { kind: "write", offset: Number(offset), bytes: unescaped(text).subarray(0, result) };
    }
    default:
      throw new Error(`SQLite used ${name}, which the replay does not know`);
  }
}

const simpleEscapes: Readonly<Record<string, number>> = {
  n: 10,
  t: 9,
  r: 13,
  v: 11,
  f: 12,
  '"': 34,
  "\\": 92,
};

/** A C string as strace writes it with `-x`: bytes that are no text as `\x1f`. */
function unescaped(text: string): Buffer {
  const bytes = Buffer.alloc(text.length);
  let length = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code !== 92) {
      bytes[length++] = code;
      continue;
    }
    const next = text[++index] ?? "";
    if (next === "x") {
      bytes[length++] = Number.parseInt(text.slice(index + 1, index + 3), 16);
      index += 2;
    } else {
      const byte = simpleEscapes[next];
      if (byte === undefined) throw new Error(`strace's escape \\${next} is not known`);
      bytes[length++] = byte;
    }
  }
  return bytes.subarray(0, length);
}

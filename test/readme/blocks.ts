import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { environment } from "../harness/server-process.ts";

/**
 * A code block of a page that is run: one that a comment marks on the line before it.
 *
 * ```
 * <!-- run -->              or, with a name for the test, <!-- run: enqueue a task -->
 * ```sh                     or ```ts
 * sitq list mail
 * # prints: PENDING         in sh; in ts it is // prints:
 * ```
 *
 * The blocks of a page run in order, against one server. Those that use grpcurl or jq are passed over where there is none: no other
 * block may need what they leave behind. Each must end with 0, and what `prints:` says must be in its output,
 * in this order; `…` stands for anything.
 */
export interface Block {
  readonly name: string;
  readonly language: "sh" | "ts";
  readonly code: string;
  /** What the output holds, in order. */
  readonly prints: readonly string[];
}

/** The address that pages speak of. */
const writtenAddress = "127.0.0.1:50051";

/** Reads the marked blocks of a page. It throws on a mark without a block that can be run. */
export function blocksOf(page: string): Block[] {
  const lines = page.split("\n");
  return lines.flatMap((line, index) => {
    const mark = /^<!-- run(?:: (?<name>.+?))? -->$/.exec(line.trim());
    if (mark === null) return [];
    const language = /^```(?<language>sh|ts)$/.exec(lines[index + 1] ?? "")?.groups?.language;
    const end = lines.indexOf("```", index + 2);
    if ((language !== "sh" && language !== "ts") || end < 0) {
      throw new Error(`line ${index + 1}: a mark without a block of sh or ts on the line after it`);
    }
    const body = lines.slice(index + 2, end);
    const prints = body.flatMap((each) => /^\s*(?:#|\/\/) prints: (?<text>.+)$/.exec(each)?.groups?.text ?? []);
    const name = mark.groups?.name ?? `the block at line ${index + 2}`;
    return [{ name, language, code: body.join("\n"), prints }];
  });
}

/** What a block came to. */
export interface BlockRun {
  readonly code: number | null;
  readonly output: string;
}

/** How long a block may take, in milliseconds. */
const timeoutMs = 25_000;

/**
 * Runs a block in the project's directory, with the address of a server in place of the one that is written, in the text and
 * in SITQ_ADDRESS. The output is what it writes to standard output, then what it writes to standard error.
 */
export function runBlock({ language, code }: Block, address: string): Promise<BlockRun> {
  const root = resolve(import.meta.dirname, "../..");
  const [program, args] =
    language === "sh" ? ["sh", ["-eu"]] : [process.execPath, ["--input-type=module-typescript", "-"]];
  const child = spawn(program, args, {
    cwd: root,
    timeout: timeoutMs,
    env: { ...environment(), SITQ_ADDRESS: address, PATH: `${resolve(root, "bin")}:${process.env.PATH}` },
  });
  // A program that ends before it has read everything is judged by its code.
  child.stdin.on("error", () => undefined);
  child.stdin.end(code.replaceAll(writtenAddress, address));
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((onEnd, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode) => onEnd({ code: exitCode, output: stdout + stderr }));
  });
}

/** The first of the `prints` that the output does not hold after the ones before it; `undefined`: it holds them all. */
export function missingIn(output: string, prints: readonly string[]): string | undefined {
  let rest = output;
  return prints.find((text) => {
    const parts = text
      .trim()
      .split("…")
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    const found = new RegExp(parts.join("[^\\n]*?")).exec(rest);
    if (found === null) return true;
    rest = rest.slice(found.index + found[0].length);
    return false;
  });
}

import { createInterface } from "node:readline";
import type { Shell } from "../terminal/shell.ts";
import { CommandFailure, wrongUsage } from "./command-failure.ts";

/**
 * Asks whether to go on. Only `y` and `yes` do.
 *
 * @param deed what is about to happen: `retry 3 FAILED tasks`
 * @param hint how a script confirms
 * @throws CommandFailure if the answer is no, or there is no terminal
 */
export async function confirm(
  { stdin, stderr }: Shell,
  deed: string,
  hint = "Use --yes to do it, or --dry-run to count only.",
): Promise<void> {
  if (stdin.isTTY !== true || stderr.isTTY !== true) {
    throw wrongUsage(`this would ${deed}, and there is no terminal to confirm it`, { hint });
  }
  stderr.write(`${deed.charAt(0).toUpperCase()}${deed.slice(1)}? [y/N] `);
  if (!/^y(es)?$/i.test(await firstLine(stdin))) throw new CommandFailure("not confirmed; nothing changed");
}

/** What is typed, without blanks around it; empty if the input ends first. */
function firstLine(input: NodeJS.ReadableStream): Promise<string> {
  const lines = createInterface({ input });
  return new Promise((resolve) => {
    lines.once("line", (line) => {
      resolve(line.trim());
      lines.close();
    });
    lines.once("close", () => resolve(""));
  });
}

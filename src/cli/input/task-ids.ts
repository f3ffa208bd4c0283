import { createInterface } from "node:readline";
import type { Shell } from "../terminal/shell.ts";

/** The task ids that the arguments name; `-` stands for those on standard input, the first word of each line. */
export async function readTaskIds(args: readonly string[], { stdin }: Shell): Promise<string[]> {
  const ids: string[] = [];
  for (const arg of args) {
    if (arg !== "-") {
      ids.push(arg);
      continue;
    }
    for await (const line of createInterface({ input: stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
      const [word] = line.trim().split(/\s/);
      if (word) ids.push(word);
    }
  }
  return ids;
}

import { PassThrough, Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { clientCommands } from "../../src/cli/commands.ts";
import { runProgram } from "../../src/cli/program.ts";
import type { Shell } from "../../src/cli/terminal/shell.ts";
import { createCondition } from "../harness/condition.ts";

/** Runs `sitq` in this process, in a terminal of 80 by 24. */
export async function startOnTerminal(args: readonly string[]) {
  const condition = createCondition();
  let written = "";
  const size = { columns: 80, rows: 24 };
  const stdout = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written += chunk.toString();
      done();
      condition.changed();
    },
  });
  const modes: boolean[] = [];
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (isRaw: boolean) => modes.push(isRaw) });
  const shell: Shell = {
    stdin,
    stdout: Object.assign(stdout, { isTTY: true, ...size }),
    stderr: new PassThrough(),
    colours: false,
    columns: 80,
    environment: {},
    onInterrupt: () => () => undefined,
  };
  const program = runProgram(args, shell, await clientCommands(shell, args[0]));
  /** The lines of what is shown now. */
  const lines = () => stripVTControlCharacters(written.slice(written.lastIndexOf("\u001b[H"))).split("\r\n");
  return {
    lines,
    /** What was set: whether keys come at once, as they are. */
    modes,
    ended: program,
    written: () => written,
    press: (keys: string) => void stdin.write(keys),
    shows: (text: string | RegExp) =>
      condition.until(() => lines().some((line) => line.match(text) !== null), `${text}`),
    resize(columns: number, rows: number) {
      Object.assign(stdout, { columns, rows });
      stdout.emit("resize");
    },
  };
}

import { emitKeypressEvents } from "node:readline";
import type { Shell } from "./shell.ts";

/** A terminal as a whole, drawn by lines. */
export interface Screen {
  readonly rows: number;
  readonly columns: number;
  /** Shows lines from the top; those that do not fit are left out. */
  draw(lines: readonly string[]): void;
  /** Gives the terminal back as it was. Idempotent. */
  close(): void;
}

/** What a screen reports. */
export interface ScreenEvents {
  /** A key: its name where it has one (`up`, `return`), else what it types. */
  onKey(key: string): void;
  onResize(): void;
}

/** What a terminal has beyond a stream. */
interface Terminal {
  readonly columns?: number;
  readonly rows?: number;
  readonly isRaw?: boolean;
  setRawMode?(isRaw: boolean): unknown;
}

/** The other screen, which cuts long lines, without a cursor, and the one from before with it: https://invisible-island.net/xterm/ctlseqs/ctlseqs.html. */
const open = "\u001b[?1049h\u001b[?25l\u001b[?7l";
const restore = "\u001b[?7h\u001b[?25h\u001b[?1049l";
const home = "\u001b[H";
const clearLine = "\u001b[K";
const clearBelow = "\u001b[J";

/** Whether a shell has a terminal to draw on and to type at. */
export function hasScreen({ stdin, stdout }: Shell): boolean {
  return stdin.isTTY === true && stdout.isTTY === true;
}

/** Takes the terminal over until it is closed, at the latest when the process exits. */
export function openScreen({ stdin, stdout }: Shell, { onKey, onResize }: ScreenEvents): Screen {
  const input = stdin as typeof stdin & Terminal;
  const output = stdout as typeof stdout & Terminal;
  const wasRaw = input.isRaw ?? false;
  let isClosed = false;

  function onKeypress(text: string | undefined, key: { readonly name?: string; readonly ctrl?: boolean }): void {
    if (key.ctrl === true) onKey(`ctrl-${key.name ?? ""}`);
    else onKey(key.name !== undefined && key.name.length > 1 ? key.name : (text ?? ""));
  }

  function close(): void {
    if (isClosed) return;
    isClosed = true;
    process.off("exit", close);
    input.off("keypress", onKeypress);
    output.off("resize", onResize);
    input.setRawMode?.(wasRaw);
    input.pause();
    output.write(restore);
  }

  process.on("exit", close);
  emitKeypressEvents(input);
  input.setRawMode?.(true);
  input.on("keypress", onKeypress);
  input.resume();
  output.on("resize", onResize);
  output.write(open);
  return {
    // A terminal of unknown size says 0.
    get rows() {
      return output.rows || 24;
    },
    get columns() {
      return output.columns || 80;
    },
    draw(lines) {
      if (isClosed) return;
      const shown = lines.slice(0, this.rows).map((line) => `${line}${clearLine}`);
      output.write(`${home}${shown.join("\r\n")}${clearBelow}`);
    },
    close,
  };
}

import type { Session } from "../command/session.ts";
import { createPaint } from "../terminal/paint.ts";
import { printable } from "../terminal/printable.ts";
import type { Printer } from "../terminal/printer.ts";
import { openScreen } from "../terminal/screen.ts";
import { timeOfDay } from "../terminal/times.ts";
import { type View, wholeJson } from "./view.ts";

/** Where a view is shown again and again. */
export interface Display<T> {
  show(data: T): Promise<void>;
  /** The server is out of reach: what is shown is old. */
  broken(why: string): void;
  /** It is in reach. */
  live(): void;
  /** Idempotent. */
  close(): Promise<void>;
}

/** One object a line. */
export function jsonDisplay<T>({ out }: Session, view: View<T>): Display<T> {
  const nothing = () => undefined;
  return {
    show: (data) => out.json(wholeJson(view, data)),
    broken: nothing,
    live: nothing,
    close: async () => undefined,
  };
}

/** One block below the other, each with its time. */
export function textDisplay<T>({ out, shell }: Session, view: View<T>): Display<T> {
  let isBroken = false;
  return {
    async show(data) {
      const lines = await linesOf(view, data, out);
      await out.line(`${out.paint.dim(timeOfDay(Date.now()))}\n${lines.join("\n")}`);
    },
    broken(why) {
      if (!isBroken) shell.stderr.write(`warning: ${printable(why)}; trying again\n`);
      isBroken = true;
    },
    live() {
      isBroken = false;
    },
    close: async () => undefined,
  };
}

/** How often ages move on, in milliseconds. */
const ageMs = 1_000;

/** The whole terminal; what was shown last stays when it is left. @param onLeave is called by the key for it */
export function screenDisplay<T>({ out, shell }: Session, view: View<T>, onLeave: () => void): Display<T> {
  let shown: { readonly data: T } | null = null;
  let trouble: string | null = null;
  let isClosed = false;
  const paint = createPaint(shell.colours);
  const screen = openScreen(shell, {
    onKey: (key) => void (key === "q" || key === "ctrl-c" ? onLeave() : undefined),
    onResize: () => void draw(),
  });

  async function draw(): Promise<string[]> {
    if (shown === null) return [];
    const width = out.layout.width === Number.POSITIVE_INFINITY ? out.layout.width : screen.columns;
    const lines = await linesOf(view, shown.data, { ...out, layout: { paint, width } });
    const state = trouble === null ? paint.dim("live") : paint.warning(`broken, reconnecting: ${printable(trouble)}`);
    screen.draw([`${paint.dim(timeOfDay(Date.now()))}  ${state}  ${paint.dim("q quits")}`, "", ...lines]);
    return lines;
  }

  const ages = setInterval(() => void draw(), ageMs);
  return {
    async show(data) {
      shown = { data };
      await draw();
    },
    broken(why) {
      trouble = why;
      void draw();
    },
    live() {
      if (trouble === null) return;
      trouble = null;
      void draw();
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      clearInterval(ages);
      const lines = await draw();
      screen.close();
      if (lines.length > 0) await out.line(lines.join("\n"));
    },
  };
}

/** What a view prints, with its remarks. */
async function linesOf<T>(view: View<T>, data: T, out: Printer): Promise<string[]> {
  const parts: string[] = [];
  const line = (text: string) => {
    parts.push(text);
    return Promise.resolve();
  };
  await view.print(data, { ...out, line, remark: (text) => void parts.push(text) });
  return parts.join("\n").split("\n");
}

import { setTimeout as sleep } from "node:timers/promises";
import { linkedController } from "../../async/signals.ts";
import { CallError } from "../../client/index.ts";
import { jsonText } from "../../contract/json-text.ts";
import type { Session } from "../command/session.ts";
import { hasScreen } from "../terminal/screen.ts";
import { Bell } from "./bell.ts";
import { type Display, jsonDisplay, screenDisplay, textDisplay } from "./displays.ts";
import { follow } from "./follow.ts";
import { type View, wholeJson } from "./view.ts";
import type { WakeUps } from "./wake-ups.ts";

/** How long it shows the same at least, in milliseconds. */
const intervalMs = 1_000;
/** The server is out of reach, or does not answer in time: DEADLINE_EXCEEDED, UNAVAILABLE. The stream is begun again, which wakes. */
const passing: ReadonlySet<number> = new Set([4, 14]);

/**
 * Shows a view again whenever it changes, at most once a second, until the signal is aborted or the user leaves: on a terminal in place,
 * elsewhere block by block, with `--json` as one object a line. It reads when the server's stream says so; a stream that breaks is
 * begun again.
 */
export async function watchView<T>(
  session: Session,
  view: View<T>,
  { open, mostMs }: WakeUps,
  interrupted: AbortSignal,
): Promise<void> {
  const { address } = session.client;
  const leave = linkedController(interrupted);
  const { signal } = leave;
  const display = displayOf(session, view, () => leave.abort());
  const bell = new Bell();
  let shown: string | null = null;

  async function redraw(): Promise<void> {
    while (!signal.aborted) {
      await bell.next(signal, mostMs);
      if (signal.aborted) return;
      try {
        const data = await view.read();
        if (signal.aborted) return;
        const key = view.key?.(data) ?? jsonText(wholeJson(view, data));
        if (key !== shown) await display.show(data);
        shown = key;
        if (view.isOver?.(data)) return leave.abort();
      } catch (error) {
        if (!(error instanceof CallError) || !passing.has(error.code)) throw error;
        display.broken(error.message);
      }
      await sleep(intervalMs, undefined, { signal }).catch(() => undefined);
    }
  }

  const following = follow(address, signal, {
    open,
    take() {
      display.live();
      bell.ring();
    },
    broken: (why) => display.broken(why),
  });
  try {
    await Promise.race([following, redraw()]);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    leave.abort();
    leave.release();
    await following.catch(() => undefined);
    await display.close();
  }
}

function displayOf<T>(session: Session, view: View<T>, onLeave: () => void): Display<T> {
  if (session.out.asJson) return jsonDisplay(session, view);
  return hasScreen(session.shell) ? screenDisplay(session, view, onLeave) : textDisplay(session, view);
}

import type { Command } from "commander";
import type { Session } from "../command/session.ts";
import { interruptible } from "../terminal/shell.ts";
import { showOnce, type View } from "./view.ts";
import type { WakeUps } from "./wake-ups.ts";
import { watchView } from "./watch-view.ts";

/** What the option of addWatchOption leaves behind. */
export interface WatchOption {
  readonly watch?: true;
}

/** Gives a command the option to show what it shows again whenever it changes. */
export function addWatchOption(command: Command): Command {
  return command.option("-w, --watch", "show it again whenever it changes, until Ctrl-C");
}

/** Shows a view once, or as the command's `--watch` asks for. */
export async function show<T>(session: Session, command: Command, view: View<T>, wakeUps: WakeUps): Promise<void> {
  if (!command.opts<WatchOption>().watch) await showOnce(view, session.out);
  else await watch(session, view, wakeUps);
}

/** Shows a view again whenever it changes, until it is interrupted. */
export function watch<T>(session: Session, view: View<T>, wakeUps: WakeUps): Promise<void> {
  return interruptible(session.shell, (interrupted) => watchView(session, view, wakeUps, interrupted));
}

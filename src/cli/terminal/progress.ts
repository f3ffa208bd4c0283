import { SingleBar } from "cli-progress";
import { grouped } from "./numbers.ts";
import type { Shell } from "./shell.ts";

/** A bar on standard error that shows how far something is. Off a terminal it shows nothing. */
export interface Progress {
  /** @param total as far as is known; 0: it is not, and only the count is shown */
  update(done: number, total?: number): void;
  /** Takes the bar away. Idempotent. */
  stop(): void;
}

/** @param label what is done; @param format how the counts are written. Default: as numbers */
export function createProgress(
  { stderr }: Shell,
  label: string,
  format: (value: number) => string = grouped,
): Progress {
  if (stderr.isTTY !== true) return { update: () => undefined, stop: () => undefined };
  const bar = new SingleBar({
    stream: stderr,
    clearOnComplete: true,
    // The commands see to interrupts themselves.
    gracefulExit: false,
    format: (_options, { value, total }) => line(label, value, total, format),
  });
  bar.start(0, 0);
  return {
    update(done, total = 0) {
      bar.setTotal(total);
      bar.update(done);
    },
    stop: () => bar.stop(),
  };
}

const barWidth = 30;

function line(label: string, value: number, total: number, format: (value: number) => string): string {
  if (total <= 0) return `${label} ${format(value)}`;
  const share = Math.min(value / total, 1);
  const filled = Math.round(share * barWidth);
  const bar = `${"█".repeat(filled)}${"░".repeat(barWidth - filled)}`;
  return `${label} ${bar} ${Math.floor(share * 100)} %  ${format(value)} of ${format(total)}`;
}

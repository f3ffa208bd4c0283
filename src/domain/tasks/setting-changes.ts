import { formatDuration } from "../../contract/duration.ts";
import { resolveRetryPolicy } from "../retry.ts";
import type { Queue, QueueSettings } from "./queue.ts";

/** Who changes settings, and why. */
export interface ChangeAuthor {
  /** The name of the principal; empty: authentication is off. */
  readonly principal: string;
  /** Empty: none is given. */
  readonly reason: string;
}

/** The newest change of one setting of a queue. */
export interface SettingChange extends ChangeAuthor {
  readonly setting: keyof QueueSettings;
  /** Wall clock, in milliseconds. */
  readonly changeMs: number;
  /** The value before, for people; empty: it was not set. */
  readonly previous: string;
}

/** A queue with who changed its settings. */
export interface QueueWithChanges extends Queue {
  /** The newest change of each setting, newest first. */
  readonly settingChanges: readonly SettingChange[];
}

const valueTexts: { readonly [Name in keyof QueueSettings]: (value: QueueSettings[Name]) => string } = {
  paused: String,
  maxDepth: String,
  maxRunning: String,
  strategy: (strategy) => strategy.toUpperCase(),
  maxAttempts: String,
  retryPolicy(policy) {
    const { initialBackoffMs, maxBackoffMs, multiplier, jitter } = resolveRetryPolicy(policy);
    const backoff = `initial_backoff ${formatDuration(initialBackoffMs)}, max_backoff ${formatDuration(maxBackoffMs)}`;
    return `${backoff}, multiplier ${multiplier}, jitter ${jitter}`;
  },
  attemptTimeoutMs: (ms) => (ms === null ? "" : formatDuration(ms)),
  retention({ completedMs, failedMs, cancelledMs }) {
    const [completed, failed, cancelled] = [completedMs, failedMs, cancelledMs].map(formatDuration);
    return `completed ${completed}, failed ${failed}, cancelled ${cancelled}`;
  },
};

function valueText<Name extends keyof QueueSettings>(name: Name, settings: QueueSettings): string {
  return valueTexts[name](settings[name]);
}

/** Whether a text names a setting of a queue. */
export function isSetting(name: string): name is keyof QueueSettings {
  return Object.hasOwn(valueTexts, name);
}

/**
 * The changes that an update is for those settings that it names. One that keeps its value is changed only if a reason is given, which is
 * then the newer one: what was before stays, so that a repeated call changes nothing of it.
 *
 * @param known the newest changes so far
 */
export function settingChanges(
  before: QueueSettings,
  update: Partial<QueueSettings>,
  author: ChangeAuthor,
  known: readonly SettingChange[],
  nowMs: number,
): SettingChange[] {
  const after = { ...before, ...update };
  return Object.keys(update)
    .filter(isSetting)
    .flatMap((setting) => {
      const value = valueText(setting, before);
      const isKept = value === valueText(setting, after);
      if (isKept && author.reason === "") return [];
      const earlier = isKept ? known.find((change) => change.setting === setting) : undefined;
      return { ...author, setting, changeMs: nowMs, previous: earlier?.previous ?? value };
    });
}

/** The longest reason that stands in a sentence, in characters. */
const mostReason = 200;

/** By whom a queue is paused and why, to be read behind "is paused": ` by ann ("the bank is down")`; empty: that is not known. */
export function pauseWords({ principal, reason }: ChangeAuthor = { principal: "", reason: "" }): string {
  const line = reason.replace(/\p{Cc}+/gu, " ").trim();
  const short = line.length > mostReason ? `${line.slice(0, mostReason - 1)}…` : line;
  return `${principal === "" ? "" : ` by ${principal}`}${short === "" ? "" : ` ("${short}")`}`;
}

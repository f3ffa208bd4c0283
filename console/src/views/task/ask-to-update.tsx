import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { signal } from "@preact/signals";
import { type Task, TaskState } from "../../../../gen/sitq/v1/task_pb.js";
import { parseDuration } from "../../../../src/contract/duration.ts";
import { rpc } from "../../rpc/clients.ts";
import { ask } from "../../ui/confirm.tsx";
import { dateTime, msOf } from "../../ui/text.ts";

/** What is to become of the time of the next attempt. */
type When = "kept" | "now" | "in" | "at";

/** Asks for another queue, priority or time of a task that waits. Only what is changed is sent. */
export function askToUpdate({ id, queue, priority, scheduleTime, state }: Task, onChanged: () => void): void {
  const form = signal({ queue, priority: `${priority}`, when: "kept" as When, time: "" });
  const dueMs = msOf(scheduleTime);
  const change = (part: Partial<typeof form.value>) => {
    form.value = { ...form.value, ...part };
  };

  function Body() {
    const { when, time } = form.value;
    return (
      <>
        <p>It keeps its place in time among equals.</p>
        <label class="field">
          Queue
          <input
            value={form.value.queue}
            maxLength={100}
            spellcheck={false}
            onInput={({ currentTarget }) => change({ queue: currentTarget.value })}
          />
        </label>
        <label class="field">
          Priority, higher first
          <input
            type="number"
            min={-1_000}
            max={1_000}
            value={form.value.priority}
            onInput={({ currentTarget }) => change({ priority: currentTarget.value })}
          />
        </label>
        <label class="field">
          Next attempt
          <select
            value={when}
            disabled={state === TaskState.BLOCKED}
            onChange={({ currentTarget }) =>
              change({ when: whens.find((each) => each === currentTarget.value) ?? "kept" })
            }
          >
            <option value="kept">
              {dueMs === null || state === TaskState.PENDING ? "as it is" : `as it is: ${dateTime(dueMs)}`}
            </option>
            <option value="now">now</option>
            <option value="in">in</option>
            <option value="at">at</option>
          </select>
        </label>
        {when === "in" && (
          <label class="field">
            In
            <input
              placeholder="10m"
              value={time}
              spellcheck={false}
              onInput={({ currentTarget }) => change({ time: currentTarget.value })}
            />
          </label>
        )}
        {when === "at" && (
          <label class="field">
            At
            <input
              type="datetime-local"
              step={1}
              value={time}
              onInput={({ currentTarget }) => change({ time: currentTarget.value })}
            />
          </label>
        )}
      </>
    );
  }

  ask({
    title: `Change task ${id}?`,
    body: <Body />,
    action: "Change it",
    async run({ signal: stop }) {
      const { queue: newQueue, priority: newPriority, when, time } = form.value;
      const paths: string[] = [];
      if (newQueue.trim() !== queue) paths.push("queue");
      if (Number(newPriority) !== priority) paths.push("priority");
      if (when !== "kept") paths.push(when === "in" ? "delay" : "schedule_time");
      if (paths.length === 0) return "Nothing was changed.";
      const task = {
        id,
        queue: newQueue.trim(),
        priority: wholeNumber(newPriority),
        ...(when === "in" && { delay: durationFromMs(spanOf(time)) }),
        ...(when === "at" && { scheduleTime: timestampFromMs(timeOf(time)) }),
      };
      await rpc.queues.updateTask({ task, updateMask: { paths } }, { signal: stop });
      onChanged();
      return "The task is changed.";
    },
  });
}

const whens: readonly When[] = ["kept", "now", "in", "at"];

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || text.trim() === "") throw new Error("The priority is a whole number.");
  return value;
}

function spanOf(text: string): number {
  const ms = parseDuration(text.trim());
  if (ms === undefined) throw new Error("Write a span such as 30s, 10m or 1h 30m.");
  return ms;
}

function timeOf(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new Error("Choose a time.");
  return ms;
}

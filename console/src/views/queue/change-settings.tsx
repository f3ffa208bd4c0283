import type { Queue } from "../../../../gen/sitq/v1/queue_pb.js";
import { rpc } from "../../rpc/clients.ts";
import { violationsOf } from "../../rpc/errors.ts";
import { ask } from "../../ui/confirm.tsx";
import { ReasonField } from "./reason-field.tsx";
import { type Draft, edited, groupsOf } from "./settings.ts";

/** What is to be changed. */
export interface SettingsToChange {
  readonly queue: Queue;
  readonly draft: Draft;
  onDone(): void;
  /** The server refuses fields, by their paths. */
  onRefused(violations: ReadonlyMap<string, string>): void;
}

/** Asks whether to change the settings of a queue, saying what each change does, and does it. */
export function askToChange({ queue, draft, onDone, onRefused }: SettingsToChange): void {
  const { name } = queue;
  let reason = "";
  ask({
    title: `Change the settings of ${name}?`,
    body: (
      <>
        <ul>
          {groupsOf(draft).map(({ path, fields, effect }) => (
            <li key={path}>
              {fields
                .filter((field) => draft.has(field.path))
                .map((field) => (
                  <div key={field.path}>
                    {field.label}: {field.read(queue) || "default"} →{" "}
                    <strong>{draft.get(field.path)?.trim() || "default"}</strong>
                  </div>
                ))}
              <p class="sub">{effect}</p>
            </li>
          ))}
        </ul>
        <ReasonField
          onInput={(text) => {
            reason = text;
          }}
        />
      </>
    ),
    action: "Change them",
    async run({ signal }) {
      // A policy is replaced as a whole: what is not typed is as it is by now.
      const current = await rpc.queues.getQueue({ name }, { signal });
      await rpc.queues.updateQueue({ ...edited(current.queue ?? queue, draft), reason }, { signal });
      onDone();
      return `The settings of ${name} are changed.`;
    },
    onRefused(error) {
      const violations = violationsOf(error);
      if (violations.size === 0 || violations.has("reason")) return false;
      onRefused(violations);
      return true;
    },
  });
}

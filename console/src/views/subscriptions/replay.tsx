import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { signal } from "@preact/signals";
import { EventService } from "../../../../gen/sitq/v1/event_service_pb.js";
import { serverNowMs } from "../../live/clock.ts";
import { whyNot } from "../../live/rights.ts";
import { rpc } from "../../rpc/clients.ts";
import { ActionButton } from "../../ui/action-button.tsx";
import { ask } from "../../ui/confirm.tsx";
import { dateTime, msOf } from "../../ui/text.ts";
import { replayStartOf } from "./replay-start.ts";

/** Where a replay starts: a time that is fixed, or what is typed into the question, at first this. */
export type ReplayFrom = string | { readonly time: Timestamp };

interface ReplayButtonProps {
  readonly subscription: string;
  readonly label: string;
  readonly from: ReplayFrom;
  readonly onChanged?: () => void;
}

/** Asks to deliver events to a subscription again. */
export function ReplayButton({ subscription, label, from, onChanged }: ReplayButtonProps) {
  return (
    <ActionButton
      label={label}
      of={`to ${subscription}`}
      {...(typeof from !== "string" && { kind: "quiet" as const })}
      why={whyNot(EventService.method.replayEvents)}
      onClick={() => askToReplay(subscription, from, onChanged)}
    />
  );
}

function askToReplay(subscription: string, from: ReplayFrom, onChanged: (() => void) | undefined): void {
  const typed = signal(typeof from === "string" ? from : "");
  ask({
    title: `Replay events to ${subscription}?`,
    body: (
      <>
        {typeof from === "string" ? (
          <StartField typed={typed} />
        ) : (
          <p>
            From this event on: those stored since <strong>{dateTime(msOf(from.time) ?? 0)}</strong>.
          </p>
        )}
        <p>
          All of them up to the newest that match its filter are delivered once more, as new tasks in its queue. Earlier
          deliveries stay as they are; what is published meanwhile follows.
        </p>
      </>
    ),
    action: "Replay",
    isDestructive: true,
    async run({ signal: stop }) {
      const start =
        typeof from === "string"
          ? replayStartOf(typed.value, serverNowMs())
          : { start: { case: "time" as const, value: from.time } };
      await rpc.events.replayEvents({ subscription, start }, { signal: stop });
      onChanged?.();
      return `${subscription} catches up.`;
    },
  });
}

function StartField({ typed }: { readonly typed: { value: string } }) {
  return (
    <label class="field">
      From: earliest, a span ago such as 1h, a time, or a position
      <input
        required
        value={typed.value}
        onInput={({ currentTarget }) => {
          typed.value = currentTarget.value;
        }}
      />
    </label>
  );
}

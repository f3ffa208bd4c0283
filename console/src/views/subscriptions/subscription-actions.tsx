import { EventService, type Subscription } from "../../../../gen/sitq/v1/event_service_pb.js";
import { whyNot } from "../../live/rights.ts";
import { href, navigate } from "../../route.ts";
import { rpc } from "../../rpc/clients.ts";
import { ActionButton } from "../../ui/action-button.tsx";
import { ask } from "../../ui/confirm.tsx";
import { counted } from "../../ui/text.ts";
import { ReplayButton } from "./replay.tsx";

interface SubscriptionActionsProps {
  readonly subscription: Subscription;
  readonly onChanged: () => void;
}

/** What can be done to a subscription: pause and resume it, replay events to it, delete it. */
export function SubscriptionActions({ subscription, onChanged }: SubscriptionActionsProps) {
  const { name, queue, paused } = subscription;
  const { updateSubscription, deleteSubscription } = EventService.method;
  return (
    <div class="buttons">
      <ActionButton
        label={paused ? "Resume" : "Pause"}
        why={whyNot(updateSubscription, { queues: [queue] })}
        onClick={() => askToPause(subscription, onChanged)}
      />
      <ReplayButton subscription={name} label="Replay" from="1h" onChanged={onChanged} />
      <ActionButton
        label="Delete"
        why={whyNot(deleteSubscription, { queues: [queue] })}
        onClick={() => askToDelete(subscription)}
      />
    </div>
  );
}

function askToPause({ name, queue, paused }: Subscription, onChanged: () => void): void {
  ask({
    title: `${paused ? "Resume" : "Pause"} ${name}?`,
    body: paused ? (
      <p>The events that it has not taken in are delivered, and new ones follow.</p>
    ) : (
      <p>
        It takes in no more events: they are kept, and wait until it is resumed. Deliveries that exist are still handed
        out; pause the queue {queue} to stop those.
      </p>
    ),
    action: paused ? "Resume" : "Pause",
    async run({ signal }) {
      await rpc.events.updateSubscription(
        { subscription: { name, paused: !paused }, updateMask: { paths: ["paused"] } },
        { signal },
      );
      onChanged();
      return paused ? `${name} catches up.` : `${name} is paused.`;
    },
  });
}

function askToDelete({ name, waitingCount, runningCount }: Subscription): void {
  ask({
    title: `Delete ${name}?`,
    body: (
      <p>
        It gets no more events. {counted(waitingCount, "waiting delivery", "waiting deliveries")} will be cancelled;{" "}
        {counted(runningCount, "running delivery", "running deliveries")} will go on to the end of the attempt, and not
        be retried.
      </p>
    ),
    action: "Delete the subscription",
    isDestructive: true,
    async run({ signal }) {
      const { cancelledCount } = await rpc.events.deleteSubscription({ name }, { signal });
      navigate(href(["subscriptions"]));
      return `${name} is deleted, and ${counted(cancelledCount, "delivery", "deliveries")} cancelled.`;
    },
  });
}

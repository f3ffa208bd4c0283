import { SubscriptionState } from "../../../../gen/sitq/v1/event_service_pb.js";
import { enumName } from "../../ui/text.ts";

const signs: Readonly<Record<SubscriptionState, string>> = {
  [SubscriptionState.UNSPECIFIED]: "·",
  [SubscriptionState.LIVE]: "✓",
  [SubscriptionState.CATCHING_UP]: "↻",
  [SubscriptionState.PAUSED]: "‖",
};

/** Whether a subscription has caught up, by its sign and its word. */
export function SubscriptionStateMark({ state }: { readonly state: SubscriptionState }) {
  const word = enumName(SubscriptionState, state);
  return (
    <span class={`state subscription-${word.replaceAll(" ", "-")}`}>
      <span aria-hidden="true">{signs[state]}</span> {word}
    </span>
  );
}

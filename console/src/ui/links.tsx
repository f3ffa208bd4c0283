import { href } from "../route.ts";
import { Foreign } from "./foreign.tsx";

/** Leads to a task. */
export function TaskLink({ id }: { readonly id: string }) {
  return id === "" ? null : (
    <a class="mono" href={href(["task", id])}>
      {id}
    </a>
  );
}

/** Leads to a workflow. */
export function WorkflowLink({ id }: { readonly id: string }) {
  return id === "" ? null : (
    <a class="mono" href={href(["workflow", id])}>
      {id}
    </a>
  );
}

/** Leads to a queue. */
export function QueueLink({ name }: { readonly name: string }) {
  return name === "" ? null : (
    <a href={href(["queue", name])}>
      <Foreign text={name} />
    </a>
  );
}

/** Leads to a subscription. */
export function SubscriptionLink({ name }: { readonly name: string }) {
  return name === "" ? null : (
    <a href={href(["subscription", name])}>
      <Foreign text={name} />
    </a>
  );
}

/** Where an event is shown. Its id is unique within its source. */
export function eventHref(sourceService: string, id: string): string {
  return href(["event", sourceService, id]);
}

/** Leads to everything that has a correlation id. */
export function TraceLink({ correlationId }: { readonly correlationId: string }) {
  return correlationId === "" ? null : (
    <a href={href(["trace", correlationId])}>
      <Foreign text={correlationId} />
    </a>
  );
}

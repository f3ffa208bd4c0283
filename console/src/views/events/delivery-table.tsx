import type { Event } from "../../../../gen/sitq/v1/event_pb.js";
import type { Delivery } from "../../../../gen/sitq/v1/event_service_pb.js";
import { TaskState } from "../../../../gen/sitq/v1/task_pb.js";
import { mayReadEvents } from "../../live/rights.ts";
import { Age, Took } from "../../ui/age.tsx";
import { Foreign } from "../../ui/foreign.tsx";
import { SubscriptionLink, TaskLink } from "../../ui/links.tsx";
import { PayloadView } from "../../ui/payload-view.tsx";
import { TaskStateMark } from "../../ui/state-mark.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { ReplayButton } from "../subscriptions/replay.tsx";

interface DeliveryTableProps {
  readonly event: Event;
  readonly deliveries: readonly Delivery[];
}

/** Which subscriptions got an event, and what came of each delivery, oldest first. */
export function DeliveryTable({ event, deliveries }: DeliveryTableProps) {
  const isHidden = !mayReadEvents(event.type);
  const columns: readonly Column<Delivery>[] = [
    { title: "Subscription", cell: ({ subscription }) => <SubscriptionLink name={subscription} /> },
    { title: "State", cell: ({ state }) => <TaskStateMark state={state} /> },
    { title: "Task", cell: ({ taskId }) => <TaskLink id={taskId} /> },
    { title: "Attempts", cell: ({ attempt, maxAttempts }) => `${attempt} of ${maxAttempts}`, align: "end" },
    {
      title: "Took",
      cell: ({ startTime, finishTime, state }) => (
        <Took from={startTime} to={finishTime} isRunning={state === TaskState.RUNNING} />
      ),
      align: "end",
      isExtra: true,
    },
    { title: "Worker", cell: ({ workerId }) => <Foreign text={workerId} most={60} />, isExtra: true },
    { title: "Result, or what went wrong", cell: (delivery) => <Outcome delivery={delivery} isHidden={isHidden} /> },
    {
      title: "Again",
      cell: ({ subscription }) => (
        <ReplayButton
          subscription={subscription}
          label="Replay from here"
          from={event.publishTime === undefined ? "" : { time: event.publishTime }}
        />
      ),
    },
  ];
  return (
    <Table caption="Deliveries" columns={columns} rows={deliveries} rowKey={({ taskId }) => taskId} empty="None." />
  );
}

interface OutcomeProps {
  readonly delivery: Delivery;
  /** The server leaves its result out for who looks. */
  readonly isHidden: boolean;
}

function Outcome({ delivery, isHidden }: OutcomeProps) {
  const { state, result, lastError, scheduleTime, damagedFields } = delivery;
  if (state === TaskState.COMPLETED) {
    const isEmpty = result?.kind.case === undefined && damagedFields.length === 0;
    return isEmpty ? (
      <span class="muted">{isHidden ? "not shown to you" : "no result"}</span>
    ) : (
      <details>
        <summary>result</summary>
        <PayloadView payload={result} isDamaged={damagedFields.includes("result")} name="result" />
      </details>
    );
  }
  return (
    <>
      {lastError !== undefined && <Foreign text={lastError.message || lastError.type} most={160} />}
      {state === TaskState.SCHEDULED && (
        <span class="muted">
          {" "}
          next attempt <Age at={scheduleTime} suffix=" ago" />
        </span>
      )}
    </>
  );
}

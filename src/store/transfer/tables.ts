import { partitionKey } from "../postgres/rows/partitions.ts";
import { orderingColumn } from "../postgres/tasks/ordering.ts";
import { stateNumber } from "../rows/task-states.ts";

/** A column of both engines. */
export interface Column {
  readonly name: string;
  /** Its type in PostgreSQL. */
  readonly type: "bigint" | "bytea" | "int" | "text";
  /** What PostgreSQL keeps in place of a text. Default: the text itself. */
  readonly asKept?: (text: string) => string | null;
}

/** A table of both engines, whose rows are moved as they are. */
export interface TransferTable {
  readonly name: string;
  readonly columns: readonly Column[];
  /** The columns of its primary key, by which its rows are moved in order. */
  readonly key: readonly string[];
  /** The column that PostgreSQL numbers by itself: it goes on behind the rows that were moved. */
  readonly identity?: string;
  /** Columns that only PostgreSQL has, with their values in SQL, by those that are moved. */
  readonly more?: Readonly<Record<string, string>>;
  /** What only PostgreSQL has beside it: rows of another table, as a statement reads them from `moved`, its rows. */
  readonly beside?: { readonly name: string; readonly rows: string };
}

function columns(type: Column["type"], names: string): Column[] {
  return names.split(" ").map((name) => ({ name, type }));
}

/** Every table with rows that are moved, those first that others refer to. What PostgreSQL does not keep, such as checksums, stays behind. */
export const transferTables: readonly TransferTable[] = [
  {
    name: "key_stretch",
    columns: columns("bigint", "from_key ahead_ms"),
    key: ["from_key"],
  },
  {
    name: "queue",
    columns: [...columns("bigint", "id create_ms update_ms"), ...columns("text", "name settings")],
    key: ["id"],
    identity: "id",
  },
  {
    name: "setting_change",
    columns: [...columns("bigint", "queue_id change_ms"), ...columns("text", "setting principal reason previous")],
    key: ["queue_id", "setting"],
  },
  {
    name: "subscription",
    columns: [
      ...columns("bigint", "id state position_id create_ms paused"),
      ...columns("text", "name content earlier"),
    ],
    key: ["id"],
    identity: "id",
  },
  {
    name: "event",
    columns: [
      ...columns("bigint", "id time_s time_ns delivered_to"),
      ...columns("text", "event_id source_service type subject correlation_id causation_id attributes"),
      ...columns("bytea", "data"),
    ],
    key: ["id"],
  },
  {
    name: "workflow",
    columns: [
      ...columns("bigint", "id state compensation size start_ms finish_ms"),
      ...columns("text", "name correlation_id source_service request_id digest plan failure"),
      ...columns("bytea", "input"),
    ],
    key: ["id"],
  },
  {
    name: "task",
    columns: [
      ...columns("bigint", "id queue_id state priority ready_key attempt attempt_base start_ms finish_ms lease_ms"),
      ...columns(
        "bigint",
        "schedule_ms expire_ms event_key subscription_id workflow_id undoes lane_until_ms completed_key",
      ),
      ...columns("text", "type worker_id request_id deduplication_key correlation_id source_service options headers"),
      ...columns("text", "progress error lane traceparent"),
      { name: "ordering_key", type: "text", asKept: orderingColumn },
      ...columns("bytea", "payload result"),
    ],
    key: ["id"],
    more: {
      partition_key: `CASE WHEN state >= ${stateNumber.completed} THEN ${partitionKey.kept} ELSE ${partitionKey.live} END`,
    },
    beside: {
      name: "task_request (request_id, task_id)",
      rows: "SELECT request_id, id FROM moved WHERE request_id IS NOT NULL",
    },
  },
  {
    name: "attempt",
    columns: [
      ...columns("bigint", "task_id seq attempt start_ms finish_ms outcome"),
      ...columns("text", "worker_id error"),
    ],
    key: ["task_id", "seq"],
  },
  {
    name: "failure",
    columns: [
      ...columns("bigint", "id queue_id task_count first_ms last_ms sample_id"),
      ...columns("text", "type error_type"),
    ],
    key: ["id"],
    identity: "id",
  },
  {
    name: "instance",
    columns: [
      ...columns("bigint", "capacity weight ttl_ms draining register_ms"),
      ...columns("text", "service id registration_id address metadata"),
    ],
    key: ["service", "id"],
  },
  {
    name: "service",
    columns: [...columns("text", "name strategy hash_header"), ...columns("bigint", "update_ms")],
    key: ["name"],
  },
  {
    name: "principal",
    columns: [...columns("text", "name grants"), ...columns("bigint", "create_ms update_ms")],
    key: ["name"],
  },
  {
    name: "principal_certificate",
    columns: columns("text", "kind name principal"),
    key: ["kind", "name"],
  },
  {
    name: "token",
    columns: [
      ...columns("text", "id principal hash"),
      ...columns("bigint", "create_ms expire_ms last_use_ms revoke_ms"),
    ],
    key: ["id"],
  },
  {
    name: "audit_entry",
    columns: [
      ...columns("bigint", "id time_ms count"),
      ...columns("text", "principal credential peer method resource code reason"),
    ],
    key: ["id"],
    identity: "id",
  },
];

/**
 * Every metric: its name, its kind, its labels and what it says. Names and units are by the rules of Prometheus: base units, `_total` for
 * what only rises (https://prometheus.io/docs/practices/naming/). No convention covers queues; the names of `sitq_queue_tasks` and the
 * like are our own.
 *
 * A label is bounded: `queue` and `subscription` by the setting `metrics-queues`, beyond which they are counted together as `other`; the
 * others by what they may be.
 */

/** What a metric is to Prometheus. */
export type MetricKind = "counter" | "gauge" | "histogram";

/** A metric. */
export interface Metric {
  readonly name: string;
  readonly kind: MetricKind;
  /** What it says, in a sentence. */
  readonly help: string;
  readonly labels: readonly string[];
}

function metric(kind: MetricKind) {
  return (name: string, help: string, labels: readonly string[] = []): Metric => ({ name, kind, help, labels });
}

const counter = metric("counter");
const gauge = metric("gauge");
const histogram = metric("histogram");

/** The metrics of sitq itself. */
export const metrics = {
  buildInfo: gauge("sitq_build_info", "Always 1; the versions stand in the labels.", ["version", "node", "store"]),
  storeUp: gauge("sitq_store_up", "Whether the store answered in time: 1 or 0. Without it most metrics are missing."),
  servers: gauge("sitq_servers", "Servers that share the store, by whether this one hears them; itself is heard.", [
    "state",
  ]),
  serverLeading: gauge("sitq_server_leading", "Whether this server leads those that share the store: 1 or 0."),

  queues: gauge("sitq_queues", "Queues that there are."),
  queueTasks: gauge("sitq_queue_tasks", "Tasks in a queue, by state.", ["queue", "state"]),
  queueOldestAge: gauge(
    "sitq_queue_oldest_age_seconds",
    "How long the task of a queue has been ready that waits longest; 0 if none waits.",
    ["queue"],
  ),
  queuePaused: gauge("sitq_queue_paused", "Whether a queue is paused: 1 or 0.", ["queue"]),
  queueWorkers: gauge("sitq_queue_workers", "Workers with an open stream that take tasks of a queue.", ["queue"]),
  queueCapacity: gauge("sitq_queue_capacity", "Tasks that the workers of a queue can run at a time.", ["queue"]),

  tasksCreated: counter("sitq_tasks_created_total", "Tasks that were stored: enqueued, deliveries and steps.", [
    "queue",
  ]),
  tasksFinished: counter("sitq_tasks_finished_total", "Tasks that came into a final state.", ["queue", "state"]),
  attempts: counter("sitq_attempts_total", "Attempts that ended, by their outcome.", ["queue", "outcome"]),
  leaseLost: counter("sitq_lease_lost_total", "Attempts that ended since their worker was silent or gone.", ["queue"]),
  retries: counter("sitq_retries_total", "Attempts that ended without success, and are followed by another.", [
    "queue",
  ]),
  taskWait: histogram(
    "sitq_task_wait_seconds",
    "Time from when a task was ready until it was first handed out: without a delay, from enqueue.",
    ["queue"],
  ),
  taskRun: histogram("sitq_task_run_seconds", "Time from the hand-out of an attempt until its end.", ["queue"]),

  workers: gauge("sitq_workers", "Workers that hold or may hold tasks, by state.", ["state"]),
  workStreams: gauge("sitq_work_streams", "Open streams of workers."),
  workerCapacity: gauge("sitq_worker_capacity", "Tasks that all workers with an open stream can run at a time."),
  workerInFlight: gauge("sitq_worker_in_flight", "Tasks that workers with an open stream hold."),
  instances: gauge("sitq_instances", "Instances in the registry, by health.", ["health"]),

  workflowsUnfinished: gauge(
    "sitq_workflows_unfinished",
    "Workflows that are not at rest, by state; of failed and cancelled ones steps still run or are undone.",
    ["state"],
  ),
  workflowsStarted: counter("sitq_workflows_started_total", "Workflows that were started."),
  workflowsFinished: counter("sitq_workflows_finished_total", "Workflows that came to rest, by state.", ["state"]),

  eventsPublished: counter("sitq_events_published_total", "Events that were stored."),
  subscriptionDeliveries: gauge("sitq_subscription_deliveries", "Deliveries of a subscription, by state.", [
    "subscription",
    "state",
  ]),
  subscriptionLag: gauge(
    "sitq_subscription_lag_seconds",
    "Age of the oldest event that a subscription has still to hand out; 0 if there is none.",
    ["subscription"],
  ),

  connections: gauge("sitq_connections", "Open connections of clients."),
  watches: gauge("sitq_watches", "Open watches of tasks, workflows, instances and events, streams of xDS included."),
  xdsStreams: gauge("sitq_xds_streams", "Open streams of clients that discover by xDS."),
  xdsResponses: counter("sitq_xds_responses_total", "Responses to clients of xDS, by the type of their resources.", [
    "type",
  ]),
  xdsRefusals: counter("sitq_xds_refusals_total", "Responses that clients of xDS refused, by the same.", ["type"]),
  callsRefused: counter("sitq_calls_refused_total", "Calls that were refused or failed, by reason.", ["reason"]),
  callsWaiting: gauge("sitq_calls_waiting", "Calls with new work that wait for the store or are in it."),
  callsWaitingBytes: gauge("sitq_calls_waiting_bytes", "Bytes that calls with new work carry that wait for the store."),

  commit: histogram("sitq_commit_seconds", "Time of a transaction: its calls, and the wait for the disk."),
  commitSync: histogram("sitq_commit_sync_seconds", "Time that a commit waited for the disk."),
  commitCalls: histogram("sitq_commit_calls", "Calls that shared a commit."),
  storeAnswer: histogram(
    "sitq_store_answer_seconds",
    "Time from sending calls to the store's thread until its answers.",
  ),
  storeBusy: counter(
    "sitq_store_busy_seconds_total",
    "Time in which the store's thread worked or waited for the disk.",
  ),
  eventLoopBusy: counter(
    "sitq_event_loop_busy_seconds_total",
    "Time in which the event loop of the main thread worked.",
  ),
  databaseBytes: gauge("sitq_database_bytes", "Size of the database."),
  walBytes: gauge("sitq_wal_bytes", "Size of the write-ahead log; in PostgreSQL since the last checkpoint."),
  diskFree: gauge("sitq_disk_free_bytes", "Free space on the disk of the database, beside the reserve."),
  diskReserve: gauge("sitq_disk_reserve_bytes", "Disk space that is held for outcomes."),
  diskLow: gauge("sitq_disk_low", "Whether new work is refused since the disk is nearly full: 1 or 0."),
} as const satisfies Record<string, Metric>;

/** The name by which the code calls a metric. */
export type MetricKey = keyof typeof metrics;

/** Those of the process, which prom-client reads and describes. */
export const processMetrics: readonly string[] = [
  "process_cpu_seconds_total",
  "process_cpu_system_seconds_total",
  "process_cpu_user_seconds_total",
  "process_max_fds",
  "process_open_fds",
  "process_resident_memory_bytes",
  "process_start_time_seconds",
  "nodejs_eventloop_lag_seconds",
  "nodejs_eventloop_lag_max_seconds",
  "nodejs_eventloop_lag_mean_seconds",
  "nodejs_eventloop_lag_p50_seconds",
  "nodejs_eventloop_lag_p90_seconds",
  "nodejs_eventloop_lag_p99_seconds",
  "nodejs_external_memory_bytes",
  "nodejs_gc_duration_seconds",
  "nodejs_heap_size_total_bytes",
  "nodejs_heap_size_used_bytes",
];

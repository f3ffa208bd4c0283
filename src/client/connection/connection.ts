import type { DescService } from "@bufbuild/protobuf";
import { Health } from "../../../gen/grpc/health/v1/health_pb.js";
import { AccessService } from "../../../gen/sitq/v1/access_service_pb.js";
import { AdminService } from "../../../gen/sitq/v1/admin_service_pb.js";
import { EventService } from "../../../gen/sitq/v1/event_service_pb.js";
import { MonitorService } from "../../../gen/sitq/v1/monitor_service_pb.js";
import { QueueService } from "../../../gen/sitq/v1/queue_service_pb.js";
import { RegistryService } from "../../../gen/sitq/v1/registry_service_pb.js";
import { WorkerService } from "../../../gen/sitq/v1/worker_service_pb.js";
import { WorkflowService } from "../../../gen/sitq/v1/workflow_service_pb.js";
import { callAddresses, callAddressProblem } from "../../contract/host-port.ts";
import type { CallError } from "../../grpc/client/call-error.ts";
import { type Routing, routingWithToken } from "../../grpc/client/call-route.ts";
import { createChannel } from "../../grpc/client/channel.ts";
import { type Client, createRoutedClient } from "../../grpc/client/client.ts";
import { invalid } from "../../grpc/client/invalid.ts";
import { type OptionNames, refuseUnknown } from "../../grpc/client/known-options.ts";
import { type SecurityOptions, securityOf } from "../credentials/security.ts";
import { ServerChoice } from "../servers/server-choice.ts";
import { createServerRoutes } from "../servers/server-routes.ts";
import { activeTrace } from "../tracing/context.ts";
import {
  createEventReader,
  createSubscriptionReader,
  type EventReader,
  type SubscriptionReader,
} from "../views/read-events.ts";
import { createQueueReader, type QueueReader } from "../views/read-queues.ts";
import { createStatusReader, type StatusReader } from "../views/read-status.ts";
import { createTaskReader, type TaskReader } from "../views/read-tasks.ts";
import { createWorkerReader, type WorkerReader } from "../views/read-workers.ts";
import { createWorkflowReader, type WorkflowReader } from "../views/read-workflows.ts";
import { type ClientLog, type ClientLogLevel, clientLogOf } from "./client-log.ts";
import { EnqueueStream } from "./enqueue-stream.ts";
import { isHeld } from "./held-calls.ts";
import { createOutages, type Outages } from "./outages.ts";

/** How a client reaches its server, how it is secured, and how it is called. */
export interface ConnectOptions extends SecurityOptions {
  /**
   * `host:port`, or any name that gRPC resolves; those of several servers that share their data are separated by commas. Default:
   * `SITQ_ADDRESS` of the environment, or 127.0.0.1:50051.
   */
  readonly address?: string;
  /** The service that this process is part of: the `source_service` of its tasks and events, the `service` of its workers. Default: none. */
  readonly service?: string;
  /**
   * The SDK's log: a log such as pino's, or the lowest level that it writes as plain lines to standard
   * error; `silent`: none. Default `warn`.
   */
  readonly log?: ClientLog | ClientLogLevel;
}

/**
 * A client of every service: `queue`, `worker`, `event`, `workflow`, `registry`, `monitor`, `admin`, `access` and `health` have each method with the
 * messages of the contract, and `tasks`, `queues`, `workflows`, `workers`, `events`, `subscriptions` and `status` read as plain objects; over a
 * connection that comes up with the first call and again whenever it must. Calls that stay open (streams, waits) have connections of
 * their own, one for each 75, so that short ones never wait behind them.
 */
export interface SitqClient {
  /** The server's, or those of several, as they were given. */
  readonly address: string;
  readonly service: string;
  readonly log: ClientLog;
  /** Says when the server is out of reach, and when it is back. */
  readonly outages: Outages;
  /** Sends what all producers enqueue, over one stream. */
  readonly enqueueStream: EnqueueStream;
  readonly queue: Client<typeof QueueService>;
  readonly worker: Client<typeof WorkerService>;
  readonly event: Client<typeof EventService>;
  readonly workflow: Client<typeof WorkflowService>;
  readonly registry: Client<typeof RegistryService>;
  readonly monitor: Client<typeof MonitorService>;
  readonly admin: Client<typeof AdminService>;
  readonly access: Client<typeof AccessService>;
  readonly health: Client<typeof Health>;
  /** Reads as plain objects: texts for states, numbers, Dates, milliseconds, decoded payloads. */
  readonly tasks: TaskReader;
  readonly queues: QueueReader;
  readonly workflows: WorkflowReader;
  readonly workers: WorkerReader;
  readonly events: EventReader;
  readonly subscriptions: SubscriptionReader;
  readonly status: StatusReader;
  /** Opens a connection of its own for a worker's stream. */
  openWorkerConnection(): DedicatedConnection;
  /**
   * Closes the connections: streams and waits fail with CLOSED, short calls under way end by themselves. Close producers and stop
   * workers first. Idempotent.
   */
  close(): void;
}

/** A connection that carries one worker's stream and nothing else. */
export interface DedicatedConnection {
  readonly service: Client<typeof WorkerService>;
  /** Whether there is another server, which was not left a moment ago. */
  hasFreshOther(): boolean;
  /** Takes note of why the stream ended: the next one goes to another server if that is a failure of this one. */
  failed(error: CallError): void;
  close(): void;
}

const optionNames: OptionNames<ConnectOptions> = {
  address: true,
  service: true,
  tls: true,
  token: true,
  tokenFile: true,
  insecure: true,
  log: true,
};

const defaultAddress = "127.0.0.1:50051";

/**
 * A connection that is dead but not closed is found in this time: less than an enqueue is repeated for, so that the repeat
 * goes over a new one.
 */
const channelOptions = { "grpc.keepalive_time_ms": 10_000, "grpc.keepalive_timeout_ms": 5_000 };
/** One of several servers that is not called any more: gRPC would go on trying to reach it for half an hour. */
const channelOptionsOfSeveral = { ...channelOptions, "grpc.client_idle_timeout_ms": 60_000 };

/**
 * Makes the clients of a server. It does not wait for it: the first call does.
 *
 * @throws CallError INVALID_ARGUMENT of `address`, of a certificate, key or token that is not usable, or of an option that there is not;
 *   TypeError of `log`
 */
export function connect(options: ConnectOptions = {}): SitqClient {
  refuseUnknown(options, optionNames);
  const { service = "" } = options;
  const address = serverAddress(options.address ?? (process.env.SITQ_ADDRESS || defaultAddress));
  const log = clientLogOf(options.log ?? "warn");
  const { connection: security, renewed } = securityOf(options, address, process.env, (text) => log.warn({}, text));
  const choice = new ServerChoice({ addresses: callAddresses(address), onMove: logMoves(log) });
  const openOptions = choice.addresses.length === 1 ? channelOptions : channelOptionsOfSeveral;
  const routes = createServerRoutes(choice, (each) => createChannel(each, { options: openOptions, security }));
  const carrying = (routing: Routing) => (renewed === null ? routing : routingWithToken(routing, renewed));
  const short = carrying(routes.short);
  const held = carrying(routes.held);
  const clientOf = <S extends DescService>(desc: S) =>
    createRoutedClient(desc, (method) => (isHeld(method) ? held : short), activeTrace);
  const queue = clientOf(QueueService);
  const worker = clientOf(WorkerService);
  const event = clientOf(EventService);
  // Beside the short calls, and not with those that stay open: it is one in all.
  const enqueueStream = new EnqueueStream(
    createRoutedClient(QueueService, () => short),
    choice,
  );
  const workflow = clientOf(WorkflowService);
  const monitor = clientOf(MonitorService);
  return {
    address,
    service,
    log,
    outages: createOutages(address, log, choice),
    enqueueStream,
    queue,
    worker,
    event,
    workflow,
    registry: clientOf(RegistryService),
    monitor,
    admin: clientOf(AdminService),
    access: clientOf(AccessService),
    health: clientOf(Health),
    tasks: createTaskReader(queue),
    queues: createQueueReader(queue),
    workflows: createWorkflowReader(workflow),
    workers: createWorkerReader(worker),
    events: createEventReader(event),
    subscriptions: createSubscriptionReader(event),
    status: createStatusReader(monitor),
    openWorkerConnection() {
      const { route, ...connection } = routes.openDedicated();
      const routing = carrying(() => route);
      return { service: createRoutedClient(WorkerService, () => routing), ...connection };
    },
    close() {
      enqueueStream.close();
      routes.close();
    },
  };
}

/** Logs that another server is called. It is no outage. */
function logMoves(log: ClientLog) {
  return (from: string, to: string, error: CallError) => {
    const why = error.unreached?.why ?? error.message;
    log.info({ address: to, from, error }, `calling ${to} in place of ${from}: ${why}`);
  };
}

/** The address of a server, or those of several, as they may be called. @throws CallError INVALID_ARGUMENT of `address` */
function serverAddress(address: string): string {
  const problem = callAddressProblem(address);
  if (problem === undefined) return address;
  throw invalid("address", `${JSON.stringify(address)}: ${problem}`);
}

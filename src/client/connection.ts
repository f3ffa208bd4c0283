import type { ChannelCredentials } from "@grpc/grpc-js";
import { Health } from "../../gen/grpc/health/v1/health_pb.js";
import { AdminService } from "../../gen/sitq/v1/admin_service_pb.js";
import { EventService } from "../../gen/sitq/v1/event_service_pb.js";
import { QueueService } from "../../gen/sitq/v1/queue_service_pb.js";
import { RegistryService } from "../../gen/sitq/v1/registry_service_pb.js";
import { WorkerService } from "../../gen/sitq/v1/worker_service_pb.js";
import { WorkflowService } from "../../gen/sitq/v1/workflow_service_pb.js";
import { createChannel } from "../rpc/adapter/channel.ts";
import { type Client, createClient } from "../rpc/adapter/client.ts";
import { type ClientLog, silentClientLog } from "./client-log.ts";

/** How a client reaches its server, and how it is called. */
export interface ConnectOptions {
  /** `host:port`, or any name that gRPC resolves. Default: `SITQ_ADDRESS` of the environment, or 127.0.0.1:50051. */
  readonly address?: string;
  /** The service that this process is part of: the `source_service` of its tasks and events, the `service` of its workers. Default: none. */
  readonly service?: string;
  /** How the server is trusted. Default: plaintext. */
  readonly credentials?: ChannelCredentials;
  /** Told what happens. Default: nobody. */
  readonly log?: ClientLog;
}

/** A typed client of every service, over one connection that comes up with the first call and again whenever it must. */
export interface SitqClient {
  readonly address: string;
  readonly service: string;
  readonly log: ClientLog;
  readonly queue: Client<typeof QueueService>;
  readonly worker: Client<typeof WorkerService>;
  readonly event: Client<typeof EventService>;
  readonly workflow: Client<typeof WorkflowService>;
  readonly registry: Client<typeof RegistryService>;
  readonly admin: Client<typeof AdminService>;
  readonly health: Client<typeof Health>;
  /** Opens a connection of its own for a worker's stream. */
  openWorkerConnection(): WorkerConnection;
  /** Closes the connection; calls under way end by themselves. Close producers and stop workers first. Idempotent. */
  close(): void;
}

/** A connection that carries one worker's stream and nothing else. */
export interface WorkerConnection {
  readonly service: Client<typeof WorkerService>;
  close(): void;
}

const defaultAddress = "127.0.0.1:50051";

/**
 * A connection that is dead but not closed is found in this time: less than an enqueue is repeated for, so that the repeat
 * goes over a new one.
 */
const channelOptions = { "grpc.keepalive_time_ms": 10_000, "grpc.keepalive_timeout_ms": 5_000 };

/** Makes the clients of a server. It does not wait for it: the first call does. */
export function connect(options: ConnectOptions = {}): SitqClient {
  const { address = process.env.SITQ_ADDRESS || defaultAddress, service = "", log = silentClientLog } = options;
  const { credentials } = options;
  const open = () => createChannel(address, { options: channelOptions, ...(credentials && { credentials }) });
  const channel = open();
  return {
    address,
    service,
    log,
    queue: createClient(QueueService, channel),
    worker: createClient(WorkerService, channel),
    event: createClient(EventService, channel),
    workflow: createClient(WorkflowService, channel),
    registry: createClient(RegistryService, channel),
    admin: createClient(AdminService, channel),
    health: createClient(Health, channel),
    openWorkerConnection() {
      const own = open();
      return { service: createClient(WorkerService, own), close: () => own.close() };
    },
    close: () => channel.close(),
  };
}

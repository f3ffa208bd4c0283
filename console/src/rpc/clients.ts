import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { AccessService } from "../../../gen/sitq/v1/access_service_pb.js";
import { AdminService } from "../../../gen/sitq/v1/admin_service_pb.js";
import { EventService } from "../../../gen/sitq/v1/event_service_pb.js";
import { MonitorService } from "../../../gen/sitq/v1/monitor_service_pb.js";
import { QueueService } from "../../../gen/sitq/v1/queue_service_pb.js";
import { RegistryService } from "../../../gen/sitq/v1/registry_service_pb.js";
import { WorkerService } from "../../../gen/sitq/v1/worker_service_pb.js";
import { WorkflowService } from "../../../gen/sitq/v1/workflow_service_pb.js";
import { learnClockSkew } from "./clock-skew.ts";
import { noticeRefusedCredentials } from "./sign-in-needed.ts";

/** Where the server is: the page is at `/console/` of it, or below the path by which a proxy serves it. */
export const serverUrl = new URL("..", document.baseURI);

const transport = createConnectTransport({
  baseUrl: serverUrl.href.replace(/\/$/, ""),
  useBinaryFormat: true,
  defaultTimeoutMs: 30_000,
  interceptors: [noticeRefusedCredentials, learnClockSkew],
});

/** The services of the contract. Streams have no deadline: pass `timeoutMs: 0`. */
export const rpc = {
  access: createClient(AccessService, transport),
  admin: createClient(AdminService, transport),
  events: createClient(EventService, transport),
  monitor: createClient(MonitorService, transport),
  queues: createClient(QueueService, transport),
  registry: createClient(RegistryService, transport),
  workers: createClient(WorkerService, transport),
  workflows: createClient(WorkflowService, transport),
} as const;

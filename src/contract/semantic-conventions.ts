/**
 * The names in spans: those of OpenTelemetry's semantic conventions, messaging (in development) and RPC (release candidate), as of the
 * schema's version, and our own below `sitq.`. They stand here and nowhere else.
 */

/** The version of the conventions. */
export const schemaUrl = "https://opentelemetry.io/schemas/1.44.0";

/** The values of `messaging.operation.type`, which are also our names of the operations, and the first word of a span's name. */
export type Operation = "create" | "send" | "process" | "settle";

/** Keys of attributes. */
export const attribute = {
  system: "messaging.system",
  operationName: "messaging.operation.name",
  operationType: "messaging.operation.type",
  /** The queue of a task, the type of an event, the name of a workflow. */
  destination: "messaging.destination.name",
  subscription: "messaging.destination.subscription.name",
  /** The id of a task, an event or a workflow. */
  messageId: "messaging.message.id",
  /** The correlation id. */
  conversationId: "messaging.message.conversation_id",
  batchCount: "messaging.batch.message_count",
  /** The worker's id. */
  clientId: "messaging.client.id",
  serverAddress: "server.address",
  serverPort: "server.port",
  errorType: "error.type",

  rpcSystem: "rpc.system.name",
  rpcMethod: "rpc.method",
  rpcStatus: "rpc.status_code",
  peerAddress: "network.peer.address",
  peerPort: "network.peer.port",

  taskType: "sitq.task.type",
  attempt: "sitq.task.attempt",
  outcome: "sitq.task.outcome",
  eventId: "sitq.event.id",
  workflowId: "sitq.workflow.id",
  workflowStep: "sitq.workflow.step",
  isCompensation: "sitq.workflow.compensation",
} as const;

/** What every span about messages says at its start, since samplers decide by it. */
export function messaging(operation: Operation, destination: string): Record<string, string | number | boolean> {
  return {
    [attribute.system]: "sitq",
    [attribute.operationName]: operation,
    [attribute.operationType]: operation,
    ...(destination !== "" && { [attribute.destination]: destination }),
  };
}

/** A span's name: `process orders`. */
export function spanName(operation: string, destination: string): string {
  return destination === "" ? operation : `${operation} ${destination}`;
}

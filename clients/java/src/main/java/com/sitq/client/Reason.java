package com.sitq.client;

import io.grpc.Status.Code;

/** The stable causes of the server's errors; docs/errors.md says when each occurs, and what to do. */
public enum Reason {
  /** Invalid field. */
  INVALID_FIELD(Code.INVALID_ARGUMENT),
  /** Malformed message. */
  MALFORMED_MESSAGE(Code.INVALID_ARGUMENT),
  /** Invalid page token. */
  INVALID_PAGE_TOKEN(Code.INVALID_ARGUMENT),
  /** Payload too large. */
  PAYLOAD_TOO_LARGE(Code.INVALID_ARGUMENT),
  /** Hello expected. */
  HELLO_EXPECTED(Code.INVALID_ARGUMENT),
  /** Hello repeated. */
  HELLO_REPEATED(Code.INVALID_ARGUMENT),
  /** Task not found. */
  TASK_NOT_FOUND(Code.NOT_FOUND),
  /** Queue not found. */
  QUEUE_NOT_FOUND(Code.NOT_FOUND),
  /** Workflow not found. */
  WORKFLOW_NOT_FOUND(Code.NOT_FOUND),
  /** Service not found. */
  SERVICE_NOT_FOUND(Code.NOT_FOUND),
  /** Instance not found. */
  INSTANCE_NOT_FOUND(Code.NOT_FOUND),
  /** Worker not found. */
  WORKER_NOT_FOUND(Code.NOT_FOUND),
  /** Event not found. */
  EVENT_NOT_FOUND(Code.NOT_FOUND),
  /** Subscription not found. */
  SUBSCRIPTION_NOT_FOUND(Code.NOT_FOUND),
  /** Request id reused. */
  REQUEST_ID_REUSED(Code.ALREADY_EXISTS),
  /** Duplicate task. */
  DUPLICATE_TASK(Code.ALREADY_EXISTS),
  /** Event id reused. */
  EVENT_ID_REUSED(Code.ALREADY_EXISTS),
  /** Subscription exists. */
  SUBSCRIPTION_EXISTS(Code.ALREADY_EXISTS),
  /** Batch refused. */
  BATCH_REFUSED(Code.ABORTED),
  /** Task finished. */
  TASK_FINISHED(Code.FAILED_PRECONDITION),
  /** Task running. */
  TASK_RUNNING(Code.FAILED_PRECONDITION),
  /** Task unfinished. */
  TASK_UNFINISHED(Code.FAILED_PRECONDITION),
  /** Task blocked. */
  TASK_BLOCKED(Code.FAILED_PRECONDITION),
  /** Task is delivery. */
  TASK_IS_DELIVERY(Code.FAILED_PRECONDITION),
  /** Task not retryable. */
  TASK_NOT_RETRYABLE(Code.FAILED_PRECONDITION),
  /** Task in workflow. */
  TASK_IN_WORKFLOW(Code.FAILED_PRECONDITION),
  /** Workflow finished. */
  WORKFLOW_FINISHED(Code.FAILED_PRECONDITION),
  /** Workflow not retryable. */
  WORKFLOW_NOT_RETRYABLE(Code.FAILED_PRECONDITION),
  /** Stale. */
  STALE(Code.FAILED_PRECONDITION),
  /** Instance replaced. */
  INSTANCE_REPLACED(Code.FAILED_PRECONDITION),
  /** Backup running. */
  BACKUP_RUNNING(Code.FAILED_PRECONDITION),
  /** Read only. */
  READ_ONLY(Code.FAILED_PRECONDITION),
  /** Subscription behind. */
  SUBSCRIPTION_BEHIND(Code.FAILED_PRECONDITION),
  /** Position expired. */
  POSITION_EXPIRED(Code.FAILED_PRECONDITION),
  /** Message too large. */
  MESSAGE_TOO_LARGE(Code.RESOURCE_EXHAUSTED),
  /** Headers too large. */
  HEADERS_TOO_LARGE(Code.RESOURCE_EXHAUSTED),
  /** Overloaded. */
  OVERLOADED(Code.RESOURCE_EXHAUSTED),
  /** Queue full. */
  QUEUE_FULL(Code.RESOURCE_EXHAUSTED),
  /** Disk low. */
  DISK_LOW(Code.RESOURCE_EXHAUSTED),
  /** Disk full. */
  DISK_FULL(Code.RESOURCE_EXHAUSTED),
  /** Watch too slow. */
  WATCH_TOO_SLOW(Code.RESOURCE_EXHAUSTED),
  /** Too many watchers. */
  TOO_MANY_WATCHERS(Code.RESOURCE_EXHAUSTED),
  /** Too many connections. */
  TOO_MANY_CONNECTIONS(Code.RESOURCE_EXHAUSTED),
  /** Too many idle messages. */
  TOO_MANY_IDLE_MESSAGES(Code.RESOURCE_EXHAUSTED),
  /** Too many unfinished bytes. */
  TOO_MANY_UNFINISHED_BYTES(Code.RESOURCE_EXHAUSTED),
  /** Service full. */
  SERVICE_FULL(Code.RESOURCE_EXHAUSTED),
  /** Draining. */
  DRAINING(Code.UNAVAILABLE),
  /** No healthy instance. */
  NO_HEALTHY_INSTANCE(Code.UNAVAILABLE),
  /** Store failed. */
  STORE_FAILED(Code.UNAVAILABLE),
  /** Store unreachable. */
  STORE_UNREACHABLE(Code.UNAVAILABLE),
  /** First message timeout. */
  FIRST_MESSAGE_TIMEOUT(Code.DEADLINE_EXCEEDED),
  /** Heartbeat timeout. */
  HEARTBEAT_TIMEOUT(Code.DEADLINE_EXCEEDED),
  /** Worker replaced. */
  WORKER_REPLACED(Code.ABORTED),
  /** Stream replaced. */
  STREAM_REPLACED(Code.ABORTED),
  /** Unknown method. */
  UNKNOWN_METHOD(Code.UNIMPLEMENTED),
  /** Unsupported encoding. */
  UNSUPPORTED_ENCODING(Code.UNIMPLEMENTED),
  /** Unsupported over http. */
  UNSUPPORTED_OVER_HTTP(Code.UNIMPLEMENTED),
  /** Backup unsupported. */
  BACKUP_UNSUPPORTED(Code.UNIMPLEMENTED),
  /** Credentials required. */
  CREDENTIALS_REQUIRED(Code.UNAUTHENTICATED),
  /** Invalid credentials. */
  INVALID_CREDENTIALS(Code.UNAUTHENTICATED),
  /** Credentials expired. */
  CREDENTIALS_EXPIRED(Code.UNAUTHENTICATED),
  /** Credentials revoked. */
  CREDENTIALS_REVOKED(Code.UNAUTHENTICATED),
  /** Credentials disagree. */
  CREDENTIALS_DISAGREE(Code.UNAUTHENTICATED),
  /** Role required. */
  ROLE_REQUIRED(Code.PERMISSION_DENIED),
  /** Cross origin. */
  CROSS_ORIGIN(Code.PERMISSION_DENIED),
  /** Out of scope. */
  OUT_OF_SCOPE(Code.PERMISSION_DENIED),
  /** Principal not found. */
  PRINCIPAL_NOT_FOUND(Code.NOT_FOUND),
  /** Token not found. */
  TOKEN_NOT_FOUND(Code.NOT_FOUND),
  /** Principal exists. */
  PRINCIPAL_EXISTS(Code.ALREADY_EXISTS),
  /** Certificate in use. */
  CERTIFICATE_IN_USE(Code.ALREADY_EXISTS),
  /** Authentication off. */
  AUTHENTICATION_OFF(Code.FAILED_PRECONDITION),
  /** Issuer unavailable. */
  ISSUER_UNAVAILABLE(Code.UNAVAILABLE),
  /** Too many failed sign ins. */
  TOO_MANY_FAILED_SIGN_INS(Code.RESOURCE_EXHAUSTED),
  /** Data loss. */
  DATA_LOSS(Code.DATA_LOSS),
  /** Internal. */
  INTERNAL(Code.INTERNAL),
  /** Of this client: it is closed. */
  CLOSED(Code.FAILED_PRECONDITION),
  /** Of this client: the source of the token failed. */
  TOKEN_UNAVAILABLE(Code.UNAVAILABLE),
  /** Of this client: nothing was heard of the server for two heartbeat intervals. */
  SERVER_SILENT(Code.DEADLINE_EXCEEDED);

  private final Code code;

  Reason(Code code) {
    this.code = code;
  }

  /** Returns the code that errors with this reason have. */
  public Code code() {
    return code;
  }
}

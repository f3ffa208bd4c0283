package com.sitq.client;

/** Why a handler is cancelled. */
public enum CancelCause {
  /** The task, its workflow or its subscription was cancelled. */
  CANCELLED,
  /** The attempt ran longer than its timeout. */
  ATTEMPT_TIMEOUT,
  /** The worker no longer holds the attempt. */
  LEASE_LOST,
  /** The worker stops, and its grace is over. */
  WORKER_STOPPING,
  /** Another process has the worker's id. */
  WORKER_REPLACED
}

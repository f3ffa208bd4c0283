package com.sitq.client;

/** Runs the tasks of one type. */
@FunctionalInterface
public interface Handler<I, O> {
  /**
   * Runs one attempt and returns the task's result. An exception fails the attempt, which is retried by the task's policy;
   * {@link Terminal}, {@link RetryAfter} and {@link Release} say otherwise. The thread is interrupted when the worker no longer holds the
   * attempt; its slot is free only when the handler returns.
   */
  O handle(I input, TaskContext context) throws Exception;
}

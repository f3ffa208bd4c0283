package com.sitq.client;

import java.util.concurrent.CompletionStage;

/** Runs the tasks of one type without holding a thread. */
@FunctionalInterface
public interface AsyncHandler<I, O> {
  /**
   * Begins one attempt and returns the future of the task's result, which is cancelled when the worker no longer holds the attempt.
   * Otherwise as {@link Handler#handle}.
   */
  CompletionStage<O> handle(I input, TaskContext context) throws Exception;
}

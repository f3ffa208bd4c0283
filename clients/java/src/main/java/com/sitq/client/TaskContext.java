package com.sitq.client;

import com.sitq.v1.Task;
import java.util.Optional;

/** The attempt that a handler runs. */
public interface TaskContext {
  /** Returns the task, its payload included: its event of a delivery, its origin as the step of a workflow. */
  Task task();

  /** Returns the task's id. */
  default String taskId() {
    return task().getId();
  }

  /** Returns the number of the attempt; the first is 1. */
  default int attempt() {
    return task().getAttempt();
  }

  /** Reports whether the handler should stop. */
  default boolean isCancelled() {
    return cancelCause().isPresent();
  }

  /** Returns why the handler should stop, if it should. */
  Optional<CancelCause> cancelCause();

  /** Reports how far the handler is, and what it does. The first report is sent at once, later ones at most once a second. */
  void progress(double done, double total, String message);

  /** Reports how far the handler is. */
  default void progress(double done, double total) {
    progress(done, total, "");
  }

  /** Returns the result of an earlier step of the workflow of which the task is a step. */
  <T> T result(String stepId, Class<T> type);
}

package com.sitq.client;

import com.sitq.v1.Task;
import com.sitq.v1.TaskState;

/** An awaited task that ended without a result. */
public class TaskFailedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Task task;

  TaskFailedException(Task task) {
    super(text(task));
    this.task = task;
  }

  /** Returns the task with its attempts. */
  public final Task task() {
    return task;
  }

  /** Returns the error's type for programs: that of the handler's error, or one of the server, such as {@code LEASE_LOST}. */
  public final String type() {
    return task.getLastError().getType();
  }

  private static String text(Task task) {
    String how = "was cancelled";
    if (task.getState() == TaskState.TASK_STATE_FAILED) {
      how = "failed after " + task.getAttempt() + (task.getAttempt() == 1 ? " attempt" : " attempts");
    }
    String why = task.getLastError().getType().isEmpty() ? "" : ": " + task.getLastError().getType();
    String message = task.getLastError().getMessage().isEmpty() ? "" : ": " + task.getLastError().getMessage();
    return "the task " + task.getId() + " (" + task.getType() + ") " + how + why + message;
  }
}

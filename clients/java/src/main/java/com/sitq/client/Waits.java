package com.sitq.client;

import com.sitq.v1.GetQueueRequest;
import com.sitq.v1.Queue;
import com.sitq.v1.QueueServiceGrpc;
import com.sitq.v1.Task;
import com.sitq.v1.TaskState;
import java.lang.System.Logger.Level;
import java.time.Duration;

/** Says why no worker takes a task that is awaited. */
final class Waits {
  private static final Duration TIMEOUT = Duration.ofSeconds(1);

  private final Calls calls;

  Waits(Calls calls) {
    this.calls = calls;
  }

  /** Logs why a task waits, if that is known. */
  void log(Task task) {
    if (task.getState() != TaskState.TASK_STATE_PENDING) return;
    GetQueueRequest request = GetQueueRequest.newBuilder().setName(task.getQueue()).build();
    calls.once(QueueServiceGrpc.getGetQueueMethod(), request, TIMEOUT).thenAccept(answer -> {
      String why = why(task, answer.getQueue());
      if (!why.isEmpty()) SitqClient.LOG.log(Level.WARNING, "the task " + task.getId() + " waits: " + why);
    });
  }

  /** Returns why no worker takes a task. Empty: one will, or that is not known. */
  static String why(Task task, Queue queue) {
    if (queue.getPaused()) return "the queue " + queue.getName() + " is paused";
    if (queue.getStatistics().getWorkers() == 0) return "no worker is on the queue " + queue.getName();
    boolean isUnhandled =
        queue.getStatistics().getUnhandledTypesList().stream().anyMatch(each -> each.getType().equals(task.getType()));
    return isUnhandled ? "no worker on the queue " + queue.getName() + " handles " + task.getType() : "";
  }
}

package com.sitq.client;

import com.sitq.v1.Payload;
import com.sitq.v1.Task;
import com.sitq.v1.TaskLease;
import com.sitq.v1.TaskProgress;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** One attempt in the worker's hands. */
final class Attempt implements TaskContext {
  private final Task task;
  private final Worker worker;
  /** Ends the attempt when its time is over. */
  private final Future<?> timeout;

  /** Null: it is not traced, or has not begun. */
  volatile Tracing.Processing span;

  // The ledger's lock guards these.
  boolean isHeld = true;
  boolean isRunning;

  // The attempt's own lock guards these.
  private CancelCause cause;
  private Thread thread;
  private CompletableFuture<?> future;

  Attempt(Worker worker, Task task) {
    this.worker = worker;
    this.task = task;
    this.timeout = task.hasAttemptTimeout()
        ? worker.timer().schedule(
            () -> cancel(CancelCause.ATTEMPT_TIMEOUT), Protos.duration(task.getAttemptTimeout()).toMillis(), TimeUnit.MILLISECONDS)
        : null;
  }

  TaskLease lease() {
    return TaskLease.newBuilder().setTaskId(task.getId()).setAttempt(task.getAttempt()).build();
  }

  /** Cancels the handler. The first cause counts. */
  synchronized void cancel(CancelCause why) {
    if (cause != null) return;
    cause = why;
    if (thread != null) thread.interrupt();
    CompletableFuture<?> running = future;
    // Elsewhere: what depends on the future runs within its cancellation.
    if (running != null) worker.timer().execute(() -> running.cancel(true));
  }

  /** Notes that the calling thread runs the handler: it is interrupted when the attempt is cancelled. */
  synchronized void enter() {
    thread = Thread.currentThread();
    if (cause != null) thread.interrupt();
  }

  /** Notes that the calling thread does not run the handler any more: no interrupt reaches what it does next. */
  synchronized void leave() {
    thread = null;
    Thread.interrupted();
  }

  /** Notes that the handler goes on elsewhere, until the future is done. */
  synchronized void follow(CompletableFuture<?> running) {
    future = running;
    if (cause != null) worker.timer().execute(() -> running.cancel(true));
  }

  /** Notes that the handler has ended. */
  void finish() {
    if (timeout != null) timeout.cancel(false);
  }

  @Override
  public Task task() {
    return task;
  }

  @Override
  public synchronized Optional<CancelCause> cancelCause() {
    return Optional.ofNullable(cause);
  }

  @Override
  public void progress(double done, double total, String message) {
    double fraction = total > 0 ? done / total : 0;
    worker.reports().report(this, TaskProgress.newBuilder()
        .setFraction(Double.isNaN(fraction) ? 0 : Math.min(Math.max(0, fraction), 1))
        .setMessage(Outcomes.cut(message, Limits.PROGRESS_BYTES))
        .build());
  }

  @Override
  public <T> T result(String stepId, Class<T> type) {
    Payload result = task.getResultsMap().get(stepId);
    if (result == null) throw new NoSuchElementException("the step " + stepId + " has no result here");
    return worker.payloads().decode(result, worker.payloads().type(type));
  }
}

package com.sitq.client;

import com.sitq.v1.Outcome;
import com.sitq.v1.Payload;
import com.sitq.v1.SettledOutcome;
import com.sitq.v1.Task;
import com.sitq.v1.TaskLease;
import com.sitq.v1.WorkRequest;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/**
 * What a worker holds over any number of streams: the attempts whose leases it has, and the outcomes that are not settled. One lock guards
 * both, so that a hello always names every lease.
 *
 * <pre>
 *  accept ──▶ waiting ──slot free──▶ running ──returns──▶ its outcome is in the outbox
 *                │                      │
 *                └─────── giveUp ───────┴──▶ not held: cancelled; its slot is free when the handler returns, and nothing is reported
 * </pre>
 *
 * <p>Tasks wait only behind handlers that go on after their lease is gone: the server counts those slots as free.
 */
final class Ledger {
  private final Worker worker;
  /** So many handlers run at a time: the worker's capacity, as it was set. */
  private final int slots;
  /** So many outcomes are sent without waiting for more: half of what the worker takes. */
  private final int much;
  private final Map<String, Attempt> held = new HashMap<>();
  private final ArrayDeque<Attempt> waiting = new ArrayDeque<>();
  private final Outbox outbox = new Outbox();
  /** Types without a handler that the log has named. */
  private final Set<String> unknown = new HashSet<>();
  private int running;
  private int overstaying;
  private boolean isClosed;
  private CompletableFuture<Void> idle;

  Ledger(Worker worker, int capacity) {
    this.worker = worker;
    this.slots = capacity;
    this.much = Math.min(Math.max((capacity + 1) / 2, 16), 64);
  }

  /** Takes tasks in; once closed, it releases them. It reports whether there is something to send. */
  boolean accept(List<Task> tasks) {
    List<Attempt> begun = new ArrayList<>(tasks.size());
    boolean isDue;
    synchronized (this) {
      add(tasks);
      beginWaiting(begun);
      isDue = outbox.unsent() > 0;
    }
    start(begun);
    return isDue;
  }

  private void add(List<Task> tasks) {
    for (Task task : tasks) {
      // What was said of it before has been applied, or it would not be handed out.
      outbox.remove(task.getId());
      Attempt former = held.get(task.getId());
      if (former != null && former.attempt() == task.getAttempt()) continue;
      // The server knows best: a newer attempt means that the older one is over.
      if (former != null) letGo(former, CancelCause.LEASE_LOST);
      Attempt attempt = new Attempt(worker, task);
      held.put(task.getId(), attempt);
      if (isClosed) {
        report(attempt, Outcomes.released(Duration.ZERO, ""));
      } else {
        waiting.add(attempt);
      }
    }
  }

  /** Gives slots to those that wait, as far as there are. The caller starts them, without the lock, which their threads soon need. */
  private void beginWaiting(List<Attempt> begun) {
    while (running < slots && !waiting.isEmpty()) {
      Attempt attempt = waiting.remove();
      if (!attempt.isHeld) continue;
      if (worker.find(attempt.task()) == null) {
        withoutHandler(attempt);
        continue;
      }
      running++;
      attempt.isRunning = true;
      begun.add(attempt);
    }
  }

  private void start(List<Attempt> begun) {
    for (Attempt each : begun) {
      try {
        worker.executor().execute(() -> run(each));
      } catch (RejectedExecutionException | OutOfMemoryError full) {
        // There is no thread for it.
        ended(each, Outcomes.released(Duration.ofSeconds(1), ""));
      }
    }
  }

  /** Releases a task whose type is unknown: in a rolling deploy there may be a worker that knows it. */
  private void withoutHandler(Attempt attempt) {
    String type = attempt.task().getType();
    if (unknown.add(type)) {
      SitqClient.LOG.log(Level.WARNING, "no handler for the task type " + type + "; its tasks are released");
    }
    report(attempt, Outcomes.released(Duration.ZERO, "NO_HANDLER"));
  }

  /** Reports whether the worker holds the lease of an attempt. */
  synchronized boolean isHeld(Attempt attempt) {
    return attempt.isHeld;
  }

  private void run(Attempt attempt) {
    if (!isHeld(attempt)) {
      ended(attempt, null);
      return;
    }
    CompletableFuture<?> running;
    attempt.enter();
    try {
      running = call(attempt);
    } catch (Throwable failure) {
      running = CompletableFuture.failedFuture(failure);
    } finally {
      attempt.leave();
    }
    if (!running.isDone()) attempt.follow(running);
    running.whenComplete((result, failure) -> ended(attempt, outcome(attempt, result, failure)));
  }

  private CompletableFuture<?> call(Attempt attempt) throws Exception {
    Tracing tracing = worker.tracing();
    if (tracing == null) return begin(attempt);
    attempt.span = tracing.process(attempt.task(), worker.id());
    return attempt.span.call(() -> begin(attempt));
  }

  private CompletableFuture<?> begin(Attempt attempt) throws Exception {
    return worker.find(attempt.task()).run(attempt, worker.payloads()).toCompletableFuture();
  }

  /** Makes the outcome of a handler. Its exception, or its result, may have code of its own, which throws: the attempt ends all the same. */
  private Outcome outcome(Attempt attempt, Object result, Throwable failure) {
    try {
      return failure == null ? completed(attempt, result) : failed(attempt, failure);
    } catch (Exception | StackOverflowError | LinkageError second) {
      return Outcomes.logged(attempt, Outcomes.unreadable(failure == null ? second : Errors.unwrapped(failure), second));
    }
  }

  private Outcome failed(Attempt attempt, Throwable failure) {
    Throwable thrown = Errors.unwrapped(failure);
    CancelCause cause = attempt.cancelCause().orElse(null);
    if (!Outcomes.isDeliberate(thrown)) {
      // A handler that was cancelled has not failed.
      if (cause == CancelCause.WORKER_STOPPING) return Outcomes.released(Duration.ZERO, "");
      if (cause == CancelCause.ATTEMPT_TIMEOUT) return Outcomes.logged(attempt, Outcomes.outOfTime(thrown));
    }
    return Outcomes.logged(attempt, Outcomes.of(thrown));
  }

  private Outcome completed(Attempt attempt, Object result) {
    Payload payload;
    try {
      payload = worker.payloads().encode(result);
    } catch (RuntimeException unfit) {
      String text = "the result cannot be encoded: " + unfit.getMessage();
      return Outcomes.logged(attempt, Outcomes.failedForGood(text, "INVALID_RESULT"));
    }
    return Outcomes.completed(payload);
  }

  /** Notes that a handler has ended. */
  private void ended(Attempt attempt, Outcome outcome) {
    attempt.finish();
    worker.reports().forget(attempt);
    Outbox.Entry entry = outcome == null ? null : entry(attempt, outcome);
    boolean isDue = true;
    List<Attempt> begun = List.of();
    synchronized (this) {
      attempt.isRunning = false;
      running--;
      if (attempt.isHeld && entry != null) {
        put(attempt, entry);
        // Between the first outcome and enough of them there is nothing new to say.
        isDue = outbox.unsent() == 1 || outbox.unsent() == much || running == 0;
      } else {
        overstaying--;
        if (entry != null) entry.drop(CancelCause.LEASE_LOST.name());
      }
      if (!waiting.isEmpty()) {
        begun = new ArrayList<>();
        beginWaiting(begun);
      }
      if (running == 0 && idle != null) {
        idle.complete(null);
        idle = null;
      }
    }
    if (isDue) worker.poke();
    start(begun);
  }

  /** Makes the entry of an outcome, ends the span of its attempt, and begins that of its sending. */
  private Outbox.Entry entry(Attempt attempt, Outcome outcome) {
    Tracing.Processing span = attempt.span;
    if (span == null) return Outbox.fit(attempt.taskId(), attempt.attempt(), outcome);
    boolean counts = isHeld(attempt);
    span.end(outcome, counts ? null : attempt.cancelCause().orElse(CancelCause.LEASE_LOST));
    Outcome traced = Outcomes.traced(outcome, span.stepTraceparent());
    Outbox.Entry made = Outbox.fit(attempt.taskId(), attempt.attempt(), traced);
    if (counts) made.settling = span.settle();
    return made;
  }

  /** Returns how many outcomes wait to be sent. */
  synchronized int unsent() {
    return outbox.unsent();
  }

  /** Reports whether there is nothing to gather, or so much to send that it should not wait for more. */
  synchronized boolean isGathered() {
    return outbox.unsent() == 0 || hasMuch();
  }

  private boolean hasMuch() {
    return outbox.unsent() >= much || running == 0;
  }

  /** Lets go of the lease of an attempt, and cancels its handler. Unknown ones are passed over. */
  synchronized void giveUp(String taskId, int number, CancelCause cause) {
    Attempt attempt = held.get(taskId);
    if (attempt != null && attempt.attempt() == number) letGo(attempt, cause);
  }

  private void letGo(Attempt attempt, CancelCause cause) {
    attempt.isHeld = false;
    held.remove(attempt.taskId());
    if (attempt.isRunning) overstaying++;
    attempt.cancel(cause);
  }

  /** Gives up a lease that the server says is gone. */
  synchronized void lost(TaskLease lease) {
    giveUp(lease.getTaskId(), lease.getAttempt(), CancelCause.LEASE_LOST);
    outbox.removeRelease(lease.getTaskId(), lease.getAttempt());
  }

  /** Keeps an outcome of an attempt, whose lease is then the outbox's. */
  private void report(Attempt attempt, Outcome outcome) {
    put(attempt, Outbox.fit(attempt.taskId(), attempt.attempt(), outcome));
  }

  private void put(Attempt attempt, Outbox.Entry entry) {
    attempt.isHeld = false;
    held.remove(attempt.taskId());
    outbox.put(entry);
  }

  /** Takes the next message of outcomes; null: none is left. */
  synchronized WorkRequest.Outcomes takeOutcomes() {
    return outbox.take();
  }

  /** Drops what is settled. It reports whether there is something to send, or nothing more to wait for. */
  synchronized boolean settled(List<SettledOutcome> answers) {
    outbox.settled(answers);
    return outbox.unsent() > 0 || (isClosed && outbox.isEmpty());
  }

  /** Notes that a stream has ended: what was sent over it and not settled is sent again. */
  synchronized void streamEnded(OptionalLong tooLarge) {
    outbox.sendAgain(tooLarge);
  }

  /** Takes no more tasks, and releases those that no handler has begun. */
  synchronized void close() {
    isClosed = true;
    for (Attempt each : List.copyOf(held.values())) {
      if (!each.isRunning) report(each, Outcomes.released(Duration.ZERO, ""));
    }
  }

  /** Cancels every handler; one that throws then releases its task. */
  synchronized void cancelAll(CancelCause cause) {
    for (Attempt each : List.copyOf(held.values())) each.cancel(cause);
  }

  /** Releases everything that is held, whether or not its handler has returned. */
  synchronized void releaseAll() {
    for (Attempt each : List.copyOf(held.values())) {
      if (each.isRunning) overstaying++;
      report(each, Outcomes.released(Duration.ZERO, ""));
    }
  }

  /** Lets go of everything: no server takes it. */
  synchronized void abandon(CancelCause cause) {
    isClosed = true;
    for (Attempt each : List.copyOf(held.values())) letGo(each, cause);
    outbox.abandon();
  }

  /** Returns a future that is done when no handler runs. */
  synchronized CompletableFuture<Void> whenIdle() {
    if (running == 0) return CompletableFuture.completedFuture(null);
    if (idle == null) idle = new CompletableFuture<>();
    return idle;
  }

  /** Returns how many tasks the worker takes: a handler that goes on after its lease is gone takes a slot, which the server cannot know. */
  synchronized int capacity() {
    return isClosed ? 0 : Math.max(0, slots - overstaying);
  }

  /** Returns the leases of tasks that run or wait, and of outcomes that are not settled. */
  synchronized List<TaskLease> leases() {
    List<TaskLease> leases = new ArrayList<>();
    for (Outbox.Entry each : outbox.entries()) {
      leases.add(TaskLease.newBuilder().setTaskId(each.taskId()).setAttempt(each.outcome.getAttempt()).build());
    }
    for (Attempt each : held.values()) leases.add(each.lease());
    return leases.subList(0, Math.min(leases.size(), Limits.HELD_TASKS));
  }

  synchronized int running() {
    return running;
  }

  synchronized boolean isSettled() {
    return outbox.isEmpty();
  }
}

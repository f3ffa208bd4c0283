package com.sitq.client;

import com.sitq.v1.TaskProgress;
import com.sitq.v1.WorkRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What handlers said of how far they are. */
final class Reports {
  /** The first report of an attempt is sent at once, and then the newest at most so often. */
  private static final long EVERY = Duration.ofSeconds(1).toNanos();

  private final Worker worker;
  private final Map<Attempt, Report> reports = new LinkedHashMap<>();

  /** What one handler said last. */
  private static final class Report {
    TaskProgress progress;
    boolean isDue;
    /** When the next may be sent. */
    long dueAt = System.nanoTime();
  }

  Reports(Worker worker) {
    this.worker = worker;
  }

  /** Notes how far an attempt is. */
  void report(Attempt attempt, TaskProgress progress) {
    if (!worker.ledger().isHeld(attempt)) return;
    long wait;
    synchronized (this) {
      Report report = reports.computeIfAbsent(attempt, key -> new Report());
      report.progress = progress;
      if (report.isDue) return;
      report.isDue = true;
      wait = report.dueAt - System.nanoTime();
    }
    if (wait <= 0) {
      worker.poke();
    } else {
      worker.timer().schedule(worker::poke, wait, TimeUnit.NANOSECONDS);
    }
  }

  /** Returns what is to be sent now, a message's worth. */
  synchronized List<WorkRequest.Progress> take() {
    List<WorkRequest.Progress> list = new ArrayList<>();
    long now = System.nanoTime();
    for (Map.Entry<Attempt, Report> each : reports.entrySet()) {
      if (list.size() == Limits.PROGRESS_PER_MESSAGE) break;
      Report report = each.getValue();
      if (!report.isDue || now - report.dueAt < 0) continue;
      report.isDue = false;
      report.dueAt = now + EVERY;
      list.add(WorkRequest.Progress.newBuilder()
          .setTaskId(each.getKey().taskId()).setAttempt(each.getKey().attempt()).setProgress(report.progress).build());
    }
    return list;
  }

  /** Sends the newest again over the next stream. */
  synchronized void sendAgain() {
    for (Report each : reports.values()) {
      each.isDue = true;
      each.dueAt = System.nanoTime();
    }
  }

  /** Drops what a handler that has ended said. */
  synchronized void forget(Attempt attempt) {
    reports.remove(attempt);
  }
}

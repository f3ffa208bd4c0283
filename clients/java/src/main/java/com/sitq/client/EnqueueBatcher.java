package com.sitq.client;

import com.sitq.v1.EnqueueRequest;
import com.sitq.v1.EnqueueStreamResult;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * Gathers tasks that come one by one into batches.
 *
 * <p>A batch leaves as soon as the client's thread gets to it, and at most {@link #UNDER_WAY} are out at a time; while they are, the next
 * one fills. So one task that is awaited costs no delay, and many at a time share messages, commits and fsyncs.
 *
 * <p>A batch that is larger than the server takes, or did not get through in time, is sent again in halves. What is repeated makes
 * nothing twice: items carry ids.
 */
final class EnqueueBatcher {
  /** While one commits, the next is read, and the third is on the wire. */
  private static final int UNDER_WAY = 4;
  /** A batch that took no longer than this got through quickly. */
  private static final long QUICK_NANOS = Duration.ofSeconds(1).toNanos();

  private final Calls calls;
  private final EnqueueStream stream;
  private final ArrayDeque<Entry> waiting = new ArrayDeque<>();
  private int underWay;
  private boolean isScheduled;
  /** What gets through in time: small enough for the stream, which costs less than a call. */
  private int maxBytes = Limits.LEAST_MESSAGE_BYTES;
  /** What the server takes. */
  private int mostBytes = Limits.LEAST_MESSAGE_BYTES;

  /** One task that waits. */
  private static final class Entry {
    final EnqueueRequest item;
    final int bytes;
    final CompletableFuture<EnqueueStreamResult> result = new CompletableFuture<>();
    /** Until when it is repeated; 0: it has not failed yet. */
    long until;

    Entry(EnqueueRequest item) {
      this.item = item;
      this.bytes = item.getSerializedSize() + 4;
    }
  }

  EnqueueBatcher(Calls calls, EnqueueStream stream) {
    this.calls = calls;
    this.stream = stream;
  }

  /** Sends one task in a shared batch. Cancelling its future takes it back if it was not sent yet. */
  CompletableFuture<EnqueueStreamResult> add(EnqueueRequest item) {
    Entry entry = new Entry(item);
    synchronized (this) {
      waiting.add(entry);
      schedule();
    }
    return entry.result;
  }

  private synchronized void schedule() {
    if (isScheduled || waiting.isEmpty() || underWay >= UNDER_WAY) return;
    isScheduled = true;
    calls.timer().execute(this::sendWaiting);
  }

  private void sendWaiting() {
    List<Entry> batch;
    synchronized (this) {
      isScheduled = false;
      batch = takeBatch();
      if (batch.isEmpty()) return;
      underWay++;
    }
    long begin = System.nanoTime();
    long until = batch.stream().mapToLong(each -> each.until).max().orElse(0);
    List<EnqueueRequest> items = batch.stream().map(each -> each.item).toList();
    calls.repeat("an enqueue", () -> stream.send(items, false), items.size() > 1, until).whenComplete((results, failure) -> {
      if (failure == null) {
        answered(batch, results, System.nanoTime() - begin);
      } else {
        refused(batch, Errors.from(failure));
      }
      synchronized (this) {
        underWay--;
        schedule();
      }
    });
    schedule();
  }

  /** Takes the first items that fit into one message; the first always does. */
  private List<Entry> takeBatch() {
    List<Entry> batch = new ArrayList<>();
    int bytes = 0;
    while (!waiting.isEmpty() && batch.size() < Limits.BATCH_SIZE) {
      Entry next = waiting.peek();
      if (next.result.isDone()) {
        waiting.remove();
        continue;
      }
      bytes += next.bytes;
      if (!batch.isEmpty() && bytes > maxBytes) break;
      batch.add(waiting.remove());
    }
    return batch;
  }

  private void answered(List<Entry> batch, List<EnqueueStreamResult> results, long nanos) {
    synchronized (this) {
      if (maxBytes < mostBytes && nanos < QUICK_NANOS) maxBytes = Math.min(mostBytes, maxBytes * 2);
    }
    for (int place = 0; place < batch.size(); place++) {
      if (place < results.size()) {
        batch.get(place).result.complete(results.get(place));
      } else {
        batch.get(place).result.completeExceptionally(unanswered());
      }
    }
  }

  private static SitqException unanswered() {
    return new SitqException(Code.INTERNAL, "", "the server did not answer for this task", null);
  }

  /** Sends a batch again that can be sent in smaller parts, and answers the rest. */
  private void refused(List<Entry> batch, SitqException failure) {
    int bytes = batch.stream().mapToInt(each -> each.bytes).sum();
    List<Entry> again = new ArrayList<>();
    for (Entry each : batch) {
      if (each.until == 0) each.until = calls.retryUntil();
      if (helpsToSplit(failure, batch.size(), bytes, each.until)) {
        again.add(each);
      } else {
        each.result.completeExceptionally(failure);
      }
    }
    if (again.isEmpty()) return;
    synchronized (this) {
      maxBytes = Math.max(1, Math.min(maxBytes, (bytes + 1) / 2));
      if (Errors.tooLarge(failure).isPresent()) mostBytes = maxBytes;
      for (int place = again.size() - 1; place >= 0; place--) waiting.addFirst(again.get(place));
    }
  }

  /**
   * Sends tasks in one batch of their own, and in parts if that is too large for the server or does not get through in time; not so an
   * atomic one.
   */
  CompletableFuture<List<EnqueueStreamResult>> sendAll(List<EnqueueRequest> items, boolean isAtomic) {
    return sendAll(items, isAtomic, 0);
  }

  private CompletableFuture<List<EnqueueStreamResult>> sendAll(List<EnqueueRequest> items, boolean isAtomic, long until) {
    boolean isDivisible = !isAtomic && items.size() > 1;
    return calls.repeat("an enqueue", () -> stream.send(items, isAtomic), isDivisible, until).handle((results, failure) -> {
      if (failure == null) return CompletableFuture.completedFuture(results);
      SitqException error = Errors.from(failure);
      long end = until == 0 ? calls.retryUntil() : until;
      int bytes = items.stream().mapToInt(EnqueueRequest::getSerializedSize).sum();
      if (isAtomic || !helpsToSplit(error, items.size(), bytes, end)) {
        return CompletableFuture.<List<EnqueueStreamResult>>failedFuture(error);
      }
      int half = (items.size() + 1) / 2;
      return sendAll(items.subList(0, half), false, end).thenCompose(
          first -> sendAll(items.subList(half, items.size()), false, end).thenApply(rest -> joined(first, rest)));
    }).thenCompose(result -> result);
  }

  private static List<EnqueueStreamResult> joined(List<EnqueueStreamResult> first, List<EnqueueStreamResult> rest) {
    List<EnqueueStreamResult> all = new ArrayList<>(first);
    all.addAll(rest);
    return all;
  }

  /** Reports whether it helps to send a batch that failed again in parts. */
  private static boolean helpsToSplit(SitqException failure, int count, int bytes, long until) {
    if (count < 2) return false;
    OptionalLong tooLarge = Errors.tooLarge(failure);
    if (tooLarge.isPresent()) return bytes > Limits.LEAST_MESSAGE_BYTES;
    return failure.code() == Code.DEADLINE_EXCEEDED && System.nanoTime() - until < 0;
  }
}

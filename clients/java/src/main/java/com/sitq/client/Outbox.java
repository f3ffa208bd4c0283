package com.sitq.client;

import com.sitq.v1.Outcome;
import com.sitq.v1.SettleStatus;
import com.sitq.v1.SettledOutcome;
import com.sitq.v1.WorkRequest;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Keeps the outcomes that the server has not confirmed as settled. They are sent once, and again over every new stream, until it does. A
 * task has one entry at most: when it is handed out again, what was said of it before has been applied. The ledger's lock guards it.
 */
final class Outbox {
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  /** In order; those that are not kept any more are passed over. */
  private final ArrayDeque<Entry> unsent = new ArrayDeque<>();
  /** What a message may hold. */
  private long maxBytes = Limits.MESSAGE_BYTES;
  /** What the largest message over this stream held: if one was too large, this one was. */
  private List<Entry> largest = List.of();
  private long largestBytes;

  /** One outcome. */
  static final class Entry {
    final Outcome outcome;
    final int bytes;
    /** Over this stream. */
    boolean isSent;
    /** Neither settled, nor replaced, nor forgotten. */
    boolean isKept = true;
    /** Of an outcome that the server rejected. */
    boolean isReplacement;
    /** Ends the span of its sending; null: it is not traced. */
    Consumer<String> settling;

    private Entry(Outcome outcome) {
      this.outcome = outcome;
      this.bytes = outcome.getSerializedSize() + 5;
    }

    String taskId() {
      return outcome.getTaskId();
    }

    /** Keeps it no longer. The failure says why the outcome does not stand; empty: it does. */
    void drop(String failure) {
      isKept = false;
      if (settling != null) settling.accept(failure);
      settling = null;
    }
  }

  /** Makes an entry. What is too large for any message becomes a failure for good: the same result would come of every other attempt. */
  static Entry fit(String taskId, int attempt, Outcome outcome) {
    Entry made = new Entry(outcome.toBuilder().setTaskId(taskId).setAttempt(attempt).build());
    if (made.bytes <= Limits.MESSAGE_BYTES) return made;
    String text = "the result has " + made.bytes + " bytes encoded; at most " + Limits.MESSAGE_BYTES + " can be sent";
    return fit(taskId, attempt, Outcomes.failedForGood(text, Reason.PAYLOAD_TOO_LARGE.name()));
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /** Returns about how many outcomes wait to be sent. */
  int unsent() {
    return unsent.size();
  }

  Collection<Entry> entries() {
    return entries.values();
  }

  void put(Entry entry) {
    Entry former = entries.put(entry.taskId(), entry);
    if (former != null) former.drop("REPLACED");
    unsent.add(entry);
  }

  void remove(String taskId) {
    remove(taskId, "");
  }

  private void remove(String taskId, String failure) {
    Entry entry = entries.remove(taskId);
    if (entry != null) entry.drop(failure);
  }

  /** Removes the release of an attempt that the server says is lost: sent again, it could end the next lease with the same number. */
  void removeRelease(String taskId, int attempt) {
    Entry entry = entries.get(taskId);
    if (entry != null && entry.outcome.hasReleased() && entry.outcome.getAttempt() == attempt) remove(taskId);
  }

  /** Removes what is settled; an outcome that is not valid is replaced by a failure for good with the reason. */
  void settled(List<SettledOutcome> answers) {
    for (SettledOutcome answer : answers) {
      Entry entry = entries.get(answer.getTaskId());
      // A released attempt gives its number back: an answer can be of what was said before it was handed out again.
      if (entry == null || entry.outcome.getAttempt() != answer.getAttempt() || !entry.isSent) continue;
      if (answer.getStatus() == SettleStatus.SETTLE_STATUS_REJECTED) {
        rejected(entry, Errors.from(answer.getError(), null));
      } else {
        boolean isStored = answer.getStatus() == SettleStatus.SETTLE_STATUS_SETTLED;
        remove(answer.getTaskId(), isStored ? "" : answer.getStatus().name().replaceFirst("^SETTLE_STATUS_", ""));
      }
    }
  }

  private void rejected(Entry entry, SitqException failure) {
    String text = failure.getMessage().isEmpty() ? "no reason given" : failure.getMessage();
    SitqClient.LOG.log(Level.ERROR, "the server rejected the outcome of the task " + entry.taskId() + ": " + text);
    String type = failure.reason().isEmpty() ? "OUTCOME_REJECTED" : failure.reason();
    if (entry.isReplacement) {
      // Nothing is left that it would take; the attempt ends with its lease.
      remove(entry.taskId(), type);
      return;
    }
    entry.drop(type);
    replace(entry, Outcomes.failedForGood("the server rejected the outcome: " + text, type));
  }

  private void replace(Entry former, Outcome outcome) {
    Entry made = fit(former.taskId(), former.outcome.getAttempt(), outcome);
    made.isReplacement = true;
    put(made);
  }

  /** Returns the next message of outcomes that were not sent over this stream, at most 1000 and 3 MiB; null: none is left. */
  WorkRequest.Outcomes take() {
    List<Entry> sent = new ArrayList<>();
    long bytes = 0;
    while (!unsent.isEmpty() && sent.size() < Limits.OUTCOMES_PER_MESSAGE) {
      Entry next = unsent.peek();
      if (next.isKept) {
        if (!sent.isEmpty() && bytes + next.bytes > maxBytes) break;
        bytes += next.bytes;
        next.isSent = true;
        sent.add(next);
      }
      unsent.remove();
    }
    if (sent.isEmpty()) return null;
    if (bytes > largestBytes) {
      largest = sent;
      largestBytes = bytes;
    }
    WorkRequest.Outcomes.Builder message = WorkRequest.Outcomes.newBuilder();
    for (Entry each : sent) message.addOutcomes(each.outcome);
    return message.build();
  }

  /**
   * Sends everything again over the next stream.
   *
   * @param tooLarge the last one ended because a message was larger than this, 0 if that was not said; empty: for another reason
   */
  void sendAgain(OptionalLong tooLarge) {
    if (tooLarge.isPresent()) fitInto(tooLarge.getAsLong());
    largest = List.of();
    largestBytes = 0;
    unsent.clear();
    for (Entry each : entries.values()) {
      each.isSent = false;
      unsent.add(each);
    }
  }

  /** Makes messages smaller, and replaces what fits into none: sent again it would end every stream. */
  private void fitInto(long said) {
    long sentBytes = largestBytes + Limits.FRAME_BYTES;
    if (said > 0 && said < sentBytes) {
      maxBytes = Math.max(Limits.LEAST_MESSAGE_BYTES, Math.min(maxBytes, said - Limits.FRAME_BYTES));
      for (Entry each : List.copyOf(entries.values())) {
        if (each.bytes + Limits.FRAME_BYTES > said) replaceTooLarge(each);
      }
      return;
    }
    // What it says is of no use if less was too large.
    maxBytes = Math.max(Limits.LEAST_MESSAGE_BYTES, maxBytes / 2);
    if (largest.size() == 1 && largest.get(0).bytes > Limits.LEAST_MESSAGE_BYTES && largest.get(0).isKept) {
      replaceTooLarge(largest.get(0));
    }
  }

  private void replaceTooLarge(Entry entry) {
    String text = "the result has " + entry.bytes + " bytes encoded, more than the server takes in one message";
    SitqClient.LOG.log(Level.ERROR, "the task " + entry.taskId() + ": " + text);
    replace(entry, Outcomes.failedForGood(text, Reason.MESSAGE_TOO_LARGE.name()));
  }

  void abandon() {
    unsent.clear();
    for (String each : List.copyOf(entries.keySet())) remove(each, "UNCONFIRMED");
  }
}

package com.sitq.client;

import com.sitq.v1.Outcome;
import com.sitq.v1.Payload;
import com.sitq.v1.Task;
import com.sitq.v1.TaskError;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Makes outcomes of what handlers return and throw. */
final class Outcomes {
  private Outcomes() {}

  static Outcome completed(Payload result) {
    return Outcome.newBuilder().setCompleted(Outcome.Completed.newBuilder().setResult(result)).build();
  }

  /** Adds to a completed step the span in which it was processed. */
  static Outcome traced(Outcome outcome, String traceparent) {
    if (traceparent.isEmpty() || !outcome.hasCompleted()) return outcome;
    return Outcome.newBuilder().setCompleted(outcome.getCompleted().toBuilder().setTraceparent(traceparent)).build();
  }

  /** The outcome of a task that is given back. */
  static Outcome released(Duration delay, String reason) {
    Outcome.Released.Builder released = Outcome.Released.newBuilder().setReason(reason);
    if (!delay.isZero() && !delay.isNegative()) released.setDelay(Protos.duration(bounded(delay)));
    return Outcome.newBuilder().setReleased(released).build();
  }

  /** The outcome of an attempt after which no other is to follow. */
  static Outcome failedForGood(String message, String type) {
    return failed(Outcome.Failed.newBuilder().setError(error(message, type, "")).setTerminal(true));
  }

  /** The outcome of a handler that was cancelled because its time was over. */
  static Outcome outOfTime(Throwable failure) {
    String text = "the attempt ran longer than its attempt_timeout";
    return failed(Outcome.Failed.newBuilder().setError(error(text, "ATTEMPT_TIMEOUT", stack(failure))));
  }

  /** The outcome of a handler that threw. */
  static Outcome of(Throwable failure) {
    if (failure instanceof Release release) return released(release.delay(), "");
    if (failure instanceof PayloadException unfit) return failedForGood(unfit.getMessage(), "PAYLOAD_MISMATCH");
    Throwable named = failure;
    Outcome.Failed.Builder failed = Outcome.Failed.newBuilder();
    if (failure instanceof Terminal) {
      failed.setTerminal(true);
      if (failure.getCause() != null) named = failure.getCause();
    } else if (failure instanceof RetryAfter retry) {
      failed.setRetryDelay(Protos.duration(bounded(retry.delay())));
      if (failure.getCause() != null) named = failure.getCause();
    }
    return failed(failed.setError(error(text(failure), type(named), stack(failure))));
  }

  /** The outcome of a handler that threw what cannot be read, since its own code throws. */
  static Outcome unreadable(Throwable failure, Throwable second) {
    String text = type(failure) + ", which cannot be read: " + second.getClass().getName();
    return failed(Outcome.Failed.newBuilder().setError(error(text, type(failure), "")));
  }

  /** Logs an outcome, if it is a failure. */
  static Outcome logged(Attempt attempt, Outcome outcome) {
    if (!outcome.hasFailed()) return outcome;
    Task task = attempt.task();
    String last = outcome.getFailed().getTerminal() ? ", and no other follows" : "";
    SitqClient.LOG.log(Level.WARNING, "task " + task.getId() + " (" + task.getType() + ") failed in attempt " + task.getAttempt()
        + " of " + task.getMaxAttempts() + last + ": " + outcome.getFailed().getError().getMessage());
    return outcome;
  }

  /** Reports whether an exception says by itself what becomes of the task. */
  static boolean isDeliberate(Throwable failure) {
    return failure instanceof Terminal || failure instanceof RetryAfter || failure instanceof Release;
  }

  private static Outcome failed(Outcome.Failed.Builder failed) {
    return Outcome.newBuilder().setFailed(failed).build();
  }

  private static Duration bounded(Duration delay) {
    if (delay.isNegative()) return Duration.ZERO;
    return delay.compareTo(Limits.LONGEST_RETRY_DELAY) > 0 ? Limits.LONGEST_RETRY_DELAY : delay;
  }

  private static String text(Throwable failure) {
    return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
  }

  private static String type(Throwable failure) {
    if (failure instanceof SitqException known && !known.reason().isEmpty()) return known.reason();
    String name = failure.getClass().getSimpleName();
    return name.isEmpty() ? failure.getClass().getName() : name;
  }

  private static String stack(Throwable failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  /** Cuts the texts, so that no error grows larger than a message; the server cuts them too. */
  private static TaskError error(String message, String type, String stack) {
    return TaskError.newBuilder()
        .setMessage(cut(message, Limits.ERROR_MESSAGE_BYTES))
        .setType(cut(type, Limits.ERROR_TYPE_BYTES))
        .setStackTrace(cut(stack, Limits.ERROR_STACK_BYTES))
        .build();
  }

  /** Returns the beginning of a text that fits into so many bytes of UTF-8. */
  static String cut(String text, int bytes) {
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    if (encoded.length <= bytes) return text;
    int end = bytes;
    while (end > 0 && (encoded[end] & 0xc0) == 0x80) end--;
    return new String(encoded, 0, end, StandardCharsets.UTF_8);
  }
}

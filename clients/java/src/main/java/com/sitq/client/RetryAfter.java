package com.sitq.client;

import java.time.Duration;

/** Thrown by a handler: the attempt failed, and the next begins after a delay, instead of by the task's retry policy. */
public class RetryAfter extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Duration delay;

  /** Fails the attempt with a message. */
  public RetryAfter(Duration delay, String message) {
    this(delay, message, null);
  }

  /** Fails the attempt with a message; the cause's type is the error's type. */
  public RetryAfter(Duration delay, String message, Throwable cause) {
    super(message, cause);
    this.delay = delay;
  }

  /** Returns the delay. */
  public final Duration delay() {
    return delay;
  }
}

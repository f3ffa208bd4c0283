package com.sitq.client;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Makes the delays between tries of one thing: exponential with full jitter, so that clients that failed together do not retry together.
 */
final class Backoff {
  private static final Duration BASE = Duration.ofMillis(100);

  private final long baseNanos;
  private final long capNanos;
  private int tries;

  private Backoff(Duration base, Duration cap) {
    this.baseNanos = base.toNanos();
    this.capNanos = cap.toNanos();
  }

  /** For calls. */
  static Backoff ofCalls() {
    return new Backoff(BASE, Duration.ofSeconds(5));
  }

  /** For connections: a lease outlives the longest delay. */
  static Backoff ofConnections() {
    return new Backoff(BASE, Duration.ofSeconds(3));
  }

  /** After refusals, which last until an operator changes something; the server slows down addresses that go on. */
  static Backoff ofRefusals() {
    return new Backoff(Duration.ofSeconds(2), Duration.ofMinutes(1));
  }

  /** Returns the nanoseconds until the next try: at least what the server asked for, with the jitter on top. */
  long next(Duration atLeast) {
    long bound = tries < 16 ? Math.min(capNanos, baseNanos << tries) : capNanos;
    tries++;
    return atLeast.toNanos() + ThreadLocalRandom.current().nextLong(bound + 1);
  }

  /** Starts again at the shortest. */
  void reset() {
    tries = 0;
  }
}

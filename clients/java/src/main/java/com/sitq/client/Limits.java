package com.sitq.client;

import java.time.Duration;

/** The bounds of the contract that this client keeps. */
final class Limits {
  /** What one message may hold. */
  static final int MESSAGE_BYTES = 3 << 20;
  /** What a message may hold at the least, however the server is set. */
  static final int LEAST_MESSAGE_BYTES = 64 << 10;
  /** What a message holds beside its items: tags and lengths. */
  static final int FRAME_BYTES = 64;
  static final int BATCH_SIZE = 1000;
  static final int OUTCOMES_PER_MESSAGE = 1000;
  static final int PROGRESS_PER_MESSAGE = 500;
  static final int HELD_TASKS = 10_000;
  static final int ERROR_MESSAGE_BYTES = 8 << 10;
  static final int ERROR_TYPE_BYTES = 200;
  static final int ERROR_STACK_BYTES = 16 << 10;
  static final int PROGRESS_BYTES = 1 << 10;
  static final Duration LONGEST_RETRY_DELAY = Duration.ofDays(7);

  private Limits() {}
}

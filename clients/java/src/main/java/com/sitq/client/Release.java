package com.sitq.client;

import java.time.Duration;

/** Thrown by a handler: the task is given back, and the attempt does not count. */
public class Release extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Duration delay;

  /** Gives the task back; it is offered again after the delay. */
  public Release(Duration delay) {
    super("the task is given back");
    this.delay = delay;
  }

  /** Returns the delay. */
  public final Duration delay() {
    return delay;
  }
}

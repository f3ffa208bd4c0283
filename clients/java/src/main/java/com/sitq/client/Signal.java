package com.sitq.client;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Says that there is something to do. Raised twice before it is awaited, it counts once. */
final class Signal {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean isRaised;

  void raise() {
    lock.lock();
    try {
      isRaised = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until it is raised, and lowers it; false: so many nanoseconds are over. */
  boolean await(long nanos) {
    lock.lock();
    try {
      long left = nanos;
      while (!isRaised && left > 0) {
        try {
          left = changed.awaitNanos(left);
        } catch (InterruptedException stray) {
          // The thread is the worker's own, and nothing interrupts it.
          return false;
        }
      }
      boolean wasRaised = isRaised;
      isRaised = false;
      return wasRaised;
    } finally {
      lock.unlock();
    }
  }

  static long millis(long count) {
    return TimeUnit.MILLISECONDS.toNanos(count);
  }
}

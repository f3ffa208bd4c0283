package com.sitq.client;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Platform threads for handlers, as many as run at once. One that has ended its task takes the next itself, since a hand-over to another
 * thread costs more than a short task. A task that finds none free wakes one, which wakes another if more tasks wait: so none waits behind
 * a handler that blocks.
 *
 * <p>With a hand-over for each task, as a cached pool has it, a drain of short tasks took a third more processor time.
 */
final class HandlerThreads implements Executor, AutoCloseable {
  /** A thread without a task for so long ends. */
  private static final long IDLE_MILLIS = TimeUnit.SECONDS.toMillis(60);

  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
  /** How many threads have no task. */
  private int idle;
  /** A thread is on its way to the tasks that wait: always so while some do. */
  private boolean isOneComing;
  private boolean isClosed;
  private int made;

  @Override
  public synchronized void execute(Runnable task) {
    waiting.add(task);
    try {
      wakeOne();
    } catch (OutOfMemoryError full) {
      // There is no thread for it, and its caller knows what to do.
      waiting.removeLastOccurrence(task);
      throw full;
    }
  }

  private void wakeOne() {
    if (isOneComing || waiting.isEmpty()) return;
    if (idle > 0) {
      notify();
    } else {
      Thread thread = new Thread(this::work, "sitq-handler-" + (made + 1));
      thread.setDaemon(true);
      thread.start();
      made++;
    }
    isOneComing = true;
  }

  private void work() {
    Runnable task = next(true);
    while (task != null) {
      task.run();
      task = next(false);
    }
  }

  /**
   * Takes the next task, or waits for one; null: the thread ends.
   *
   * @param isNew the thread is the one that was on its way
   */
  private synchronized Runnable next(boolean isNew) {
    boolean isComing = isNew;
    while (true) {
      if (isComing) isOneComing = false;
      Runnable task = waiting.poll();
      if (task != null) {
        if (isComing) wakeAnother();
        return task;
      }
      if (isClosed) return null;
      idle++;
      try {
        wait(IDLE_MILLIS);
      } catch (InterruptedException stray) {
        // Of a handler that has returned: it counts as the end of the wait.
      } finally {
        idle--;
      }
      // It was not woken: its time is over.
      if (!isOneComing) return null;
      isComing = true;
    }
  }

  private void wakeAnother() {
    try {
      wakeOne();
    } catch (OutOfMemoryError full) {
      // The threads that there are take the rest.
    }
  }

  /** Ends the threads that have no task, and each other with its task. */
  @Override
  public synchronized void close() {
    isClosed = true;
    notifyAll();
  }
}

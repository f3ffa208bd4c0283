package com.sitq.client;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes the threads that handlers run in: virtual ones from Java 21, else platform threads that are kept for the next. */
final class Handlers {
  private static final int VIRTUAL_SINCE = 21;

  private Handlers() {}

  static ExecutorService newExecutor() {
    return Runtime.version().feature() >= VIRTUAL_SINCE ? newVirtual() : newPlatform();
  }

  private static ExecutorService newVirtual() {
    try {
      // Java 17, for which this is compiled, does not have the method.
      return (ExecutorService) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    } catch (ReflectiveOperationException missing) {
      return newPlatform();
    }
  }

  private static ExecutorService newPlatform() {
    AtomicInteger number = new AtomicInteger();
    return Executors.newCachedThreadPool(task -> {
      Thread thread = new Thread(task, "sitq-handler-" + number.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    });
  }
}

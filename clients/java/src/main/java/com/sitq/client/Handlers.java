package com.sitq.client;

import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;

/** Makes the threads that handlers run in: virtual ones from Java 21, else platform threads. */
final class Handlers {
  private static final int VIRTUAL_SINCE = 21;

  private Handlers() {}

  static Executor newExecutor() {
    return Runtime.version().feature() >= VIRTUAL_SINCE ? newVirtual() : new HandlerThreads();
  }

  private static Executor newVirtual() {
    try {
      // Java 17, for which this is compiled, does not have the methods.
      Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
      Class<?> type = Class.forName("java.lang.Thread$Builder");
      builder = type.getMethod("name", String.class, long.class).invoke(builder, "sitq-handler-", 1);
      ThreadFactory threads = (ThreadFactory) type.getMethod("factory").invoke(builder);
      return task -> threads.newThread(task).start();
    } catch (ReflectiveOperationException missing) {
      return new HandlerThreads();
    }
  }
}

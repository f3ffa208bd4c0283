package com.sitq.client;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The thread of a client: it repeats calls, sends batches and ends attempts that are out of time. It ends when nothing is due. */
final class Timer extends ScheduledThreadPoolExecutor {
  Timer() {
    super(1, task -> {
      Thread thread = new Thread(task, "sitq-client");
      thread.setDaemon(true);
      return thread;
    });
    setRemoveOnCancelPolicy(true);
    setKeepAliveTime(10, TimeUnit.SECONDS);
    allowCoreThreadTimeOut(true);
  }
}

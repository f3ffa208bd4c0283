package com.sitq.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HandlersTest {
  private static final int MANY = 50;

  @Test
  void runInVirtualThreadsFromJava21() {
    Executor executor = Handlers.newExecutor();
    String thread = CompletableFuture.supplyAsync(() -> Thread.currentThread().toString(), executor).join();
    if (executor instanceof HandlerThreads own) own.close();
    assertEquals(Runtime.version().feature() >= 21, thread.startsWith("VirtualThread"), thread);
  }

  @Test
  void runAllAtOnceWhereEachWaitsForTheOthers() throws Exception {
    try (HandlerThreads threads = new HandlerThreads()) {
      // Again, in threads that are there already.
      for (int round = 0; round < 3; round++) {
        CyclicBarrier all = new CyclicBarrier(MANY + 1);
        for (int task = 0; task < MANY; task++) {
          threads.execute(() -> {
            try {
              all.await();
            } catch (Exception broken) {
              throw new IllegalStateException(broken);
            }
          });
        }
        all.await(1, TimeUnit.MINUTES);
      }
    }
  }

  @Test
  void runShortTasksInFewThreads() throws Exception {
    Set<Thread> used = ConcurrentHashMap.newKeySet();
    try (HandlerThreads threads = new HandlerThreads()) {
      for (int task = 0; task < MANY; task++) {
        CountDownLatch done = new CountDownLatch(1);
        threads.execute(() -> {
          used.add(Thread.currentThread());
          done.countDown();
        });
        done.await();
      }
    }
    // Another one is woken where the next task comes before the last one's thread looks for it.
    assertTrue(used.size() < MANY, used.toString());
  }
}

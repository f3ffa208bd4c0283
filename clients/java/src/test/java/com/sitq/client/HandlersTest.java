package com.sitq.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.ExecutorService;
import org.junit.jupiter.api.Test;

class HandlersTest {
  @Test
  void runInVirtualThreadsFromJava21() throws Exception {
    ExecutorService executor = Handlers.newExecutor();
    String thread = executor.submit(() -> Thread.currentThread().toString()).get();
    executor.shutdown();
    assertEquals(Runtime.version().feature() >= 21, thread.startsWith("VirtualThread"));
  }
}

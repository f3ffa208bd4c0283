package com.sitq.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import com.sitq.client.testing.SitqExtension;
import com.sitq.client.testing.SitqServer;
import com.sitq.v1.CancelTaskRequest;
import com.sitq.v1.GetTaskRequest;
import com.sitq.v1.QueueServiceGrpc;
import com.sitq.v1.Task;
import com.sitq.v1.TaskState;
import com.sitq.v1.WatchTasksRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SitqExtension.class)
@Timeout(120)
class WorkerTest {
  record Greet(String name) {}

  record Counted(int count, long total, double share) {}

  @Test
  void returnsWhatTheHandlerReturns(SitqClient client) {
    try (Worker worker = client.worker("results")
        .handle("greet", Greet.class, (input, context) -> "Hello, " + input.name() + "!")
        .handle("count", Counted.class, (input, context) -> input)
        .handle("sum", new TypeReference<List<Integer>>() {}, (input, context) -> input.stream().mapToInt(each -> each).sum())
        .handle("bytes", byte[].class, (input, context) -> input)
        .handle("nothing", Void.class, (input, context) -> null)
        .handleAsync("later", Greet.class, (input, context) -> CompletableFuture.supplyAsync(input::name))
        .start()) {
      assertEquals("Hello, Ada!", client.call(NewTask.of("results", "greet", new Greet("Ada")), String.class));
      Counted counted = new Counted(3, 1L << 53, 0.5);
      assertEquals(counted, client.call(NewTask.of("results", "count", counted), Counted.class));
      assertEquals(6, client.call(NewTask.of("results", "sum", List.of(1, 2, 3)), Integer.class));
      byte[] bytes = client.call(NewTask.of("results", "bytes", new byte[] {1, 2}), byte[].class);
      assertEquals(2, bytes.length);
      assertEquals(null, client.call(NewTask.of("results", "nothing"), Object.class));
      assertEquals("Eve", client.call(NewTask.of("results", "later", new Greet("Eve")), String.class));
      assertTrue(worker.isConnected());
    }
  }

  private static final class Unspeakable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new IllegalStateException("no text");
    }
  }

  @Test
  void endsAttemptsWhateverHandlersThrowAndReturn(SitqClient client) {
    List<Object> endless = new ArrayList<>();
    endless.add(endless);
    Object deep = 1;
    for (int level = 0; level < 200; level++) deep = List.of(deep);
    Map<String, Object> results = Map.of("endless", endless, "deep", deep);
    try (Worker worker = client.worker("oddities")
        .capacity(1)
        .handle("unspeakable", Void.class, (input, context) -> {
          throw new Unspeakable();
        })
        .handleOther(Void.class, (input, context) -> results.get(context.task().getType()))
        .start()) {
      assertEquals("Unspeakable", failure(client, NewTask.of("oddities", "unspeakable").maxAttempts(1)).type());
      assertEquals("INVALID_RESULT", failure(client, NewTask.of("oddities", "endless")).type());
      assertEquals("INVALID_RESULT", failure(client, NewTask.of("oddities", "deep")).type());
      assertTrue(worker.isConnected());
    }
  }

  @Test
  void failsAsTheHandlerSays(SitqClient client) {
    try (Worker worker = client.worker("failures")
        .handle("terminal", Void.class, (input, context) -> {
          throw new Terminal("no such article");
        })
        .handle("once", Void.class, (input, context) -> {
          if (context.attempt() == 1) throw new RetryAfter(Duration.ZERO, "try again");
          return context.attempt();
        })
        .handle("typed", Counted.class, (input, context) -> input)
        .handle("throws", Void.class, (input, context) -> {
          throw new IllegalStateException("out of paper");
        })
        .start()) {
      TaskFailedException terminal = failure(client, NewTask.of("failures", "terminal"));
      assertEquals("no such article", terminal.task().getLastError().getMessage());
      assertEquals("Terminal", terminal.type());
      assertEquals(2, client.call(NewTask.of("failures", "once"), Integer.class));
      TaskFailedException mismatch = failure(client, NewTask.of("failures", "typed", Map.of("count", 1.5)));
      assertEquals("PAYLOAD_MISMATCH", mismatch.type());
      assertEquals(1, mismatch.task().getAttempt());
      assertTrue(mismatch.task().getLastError().getMessage().startsWith("payload.count: "), mismatch.getMessage());
      TaskFailedException thrown = failure(client, NewTask.of("failures", "throws").maxAttempts(1));
      assertEquals("IllegalStateException", thrown.type());
      assertTrue(thrown.task().getLastError().getStackTrace().contains("WorkerTest"));
      assertEquals(0, worker.running());
    }
  }

  private static TaskFailedException failure(SitqClient client, NewTask task) {
    return assertThrows(TaskFailedException.class, () -> client.call(task, Object.class));
  }

  @Test
  void interruptsWhatIsCancelled(SitqClient client) throws Exception {
    BlockingQueue<String> events = new ArrayBlockingQueue<>(10);
    CompletableFuture<String> never = new CompletableFuture<>();
    try (Worker worker = client.worker("cancelled").capacity(2)
        .handle("wait", Void.class, (input, context) -> {
          events.add("started");
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException cancelled) {
            events.add(context.cancelCause().orElseThrow().name());
            throw cancelled;
          }
          return null;
        })
        .handleAsync("later", Void.class, (input, context) -> {
          never.whenComplete((value, failure) -> events.add("future " + never.isCancelled()));
          events.add("started");
          return never;
        })
        .start()) {
      for (String type : List.of("wait", "later")) {
        Enqueued task = client.enqueue(NewTask.of("cancelled", type));
        assertEquals("started", events.poll(60, TimeUnit.SECONDS));
        QueueServiceGrpc.newBlockingStub(client.channel())
            .cancelTask(CancelTaskRequest.newBuilder().setTaskId(task.id()).build());
        assertEquals(type.equals("wait") ? "CANCELLED" : "future true", events.poll(60, TimeUnit.SECONDS));
        assertEquals(TaskState.TASK_STATE_CANCELLED, client.awaitTask(task.id()).getState());
      }
      assertTrue(worker.isConnected());
    }
  }

  @Test
  void drains(SitqClient client) throws Exception {
    CountDownLatch started = new CountDownLatch(2);
    CountDownLatch proceed = new CountDownLatch(1);
    Worker worker = client.worker("drained").capacity(2).grace(Duration.ofMillis(200))
        .handle("finishes", Void.class, (input, context) -> {
          started.countDown();
          proceed.await();
          return "done";
        })
        .handle("stays", Void.class, (input, context) -> {
          started.countDown();
          new CountDownLatch(1).await();
          return null;
        })
        .start();
    Enqueued finishes = client.enqueue(NewTask.of("drained", "finishes"));
    Enqueued stays = client.enqueue(NewTask.of("drained", "stays"));
    started.await();
    CompletableFuture<Void> done = worker.stop();
    proceed.countDown();
    done.get();
    assertEquals("done", client.await(finishes.id(), String.class));
    Task released = QueueServiceGrpc.newBlockingStub(client.channel())
        .getTask(GetTaskRequest.newBuilder().setTaskId(stays.id()).build()).getTask();
    assertEquals(TaskState.TASK_STATE_PENDING, released.getState());
  }

  @Test
  void goesOnAfterTheServerWasKilled() throws Exception {
    try (SitqServer server = SitqServer.start(); SitqClient client = server.connect()) {
      BlockingQueue<String> events = new ArrayBlockingQueue<>(10);
      CountDownLatch proceed = new CountDownLatch(1);
      try (Worker worker = client.worker("killed")
          .onConnect(() -> events.add("connected"))
          .handle("wait", Void.class, (input, context) -> {
            events.add("started");
            proceed.await();
            return context.attempt();
          })
          .start()) {
        assertEquals("connected", events.poll(60, TimeUnit.SECONDS));
        Enqueued task = client.enqueue(NewTask.of("killed", "wait"));
        assertEquals("started", events.poll(60, TimeUnit.SECONDS));
        server.kill();
        CompletableFuture<Integer> result = client.awaitAsync(task.id(), Integer.class);
        CompletableFuture<Enqueued> another = client.enqueueAsync(NewTask.of("killed", "wait"));
        server.restart();
        assertEquals("connected", events.poll(60, TimeUnit.SECONDS));
        proceed.countDown();
        assertEquals(1, result.get());
        assertEquals(1, client.await(another.get().id(), Integer.class));
        assertTrue(worker.isConnected());
      }
    }
  }

  @Test
  void endsWhenItIsReplaced(SitqClient client) {
    Worker first = client.worker("replaced").id("one").handle("any", Void.class, (input, context) -> null).start();
    first.connected().join();
    try (Worker second = client.worker("replaced").id("one").handle("any", Void.class, (input, context) -> null).start()) {
      SitqException refusal = SitqClient.errorOf(assertThrows(Exception.class, () -> first.done().get()));
      assertTrue(refusal.is(Reason.WORKER_REPLACED));
      assertEquals("one", second.id());
    }
  }

  @Test
  void reportsProgress(SitqClient client) throws Exception {
    CountDownLatch proceed = new CountDownLatch(1);
    try (Worker worker = client.worker("progress")
        .handle("half", Void.class, (input, context) -> {
          context.progress(1, 2, "half");
          proceed.await();
          return null;
        })
        .start()) {
      Enqueued task = client.enqueue(NewTask.of("progress", "half"));
      List<Double> seen = new ArrayList<>();
      var changes = QueueServiceGrpc.newBlockingStub(client.channel())
          .watchTasks(WatchTasksRequest.newBuilder().addTaskIds(task.id()).build());
      while (seen.isEmpty() && changes.hasNext()) {
        Task now = QueueServiceGrpc.newBlockingStub(client.channel())
            .getTask(GetTaskRequest.newBuilder().setTaskId(task.id()).build()).getTask();
        if (now.getProgress().getFraction() > 0) seen.add(now.getProgress().getFraction());
        changes.next();
      }
      assertEquals(List.of(0.5), seen);
      proceed.countDown();
      assertTrue(worker.isConnected());
    }
  }
}

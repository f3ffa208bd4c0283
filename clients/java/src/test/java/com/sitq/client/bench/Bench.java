package com.sitq.client.bench;

import com.sitq.client.ConnectOptions;
import com.sitq.client.NewTask;
import com.sitq.client.SitqClient;
import com.sitq.client.Worker;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The program of this client for the benchmark of clients: bench/clients/programs.ts says what it has to do. */
public final class Bench {
  private static final long SAY_MILLIS = 20;
  /** What a task carries in every benchmark. */
  private static final byte[] PAYLOAD = new byte[200];

  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final CountDownLatch STOPPED = new CountDownLatch(1);

  private Bench() {}

  /** Runs a mode until SIGTERM. */
  public static void main(String[] args) throws InterruptedException {
    for (int place = 0; place < PAYLOAD.length; place++) PAYLOAD[place] = (byte) (place % 255 + 1);
    Map<String, String> options = new HashMap<>(Map.of("--capacity", "64", "--in-flight", "64"));
    for (int place = 1; place + 1 < args.length; place += 2) options.put(args[place], args[place + 1]);
    sayCount();
    SitqClient client = SitqClient.connect(new ConnectOptions().address(options.get("--address")).plaintext());
    String queue = options.get("--queue");
    if (args[0].equals("drain")) {
      drain(client, queue, Integer.parseInt(options.get("--capacity")));
    } else {
      enqueue(client, queue, Integer.parseInt(options.get("--in-flight")));
    }
  }

  private static void sayCount() {
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    AtomicInteger said = new AtomicInteger();
    timer.scheduleAtFixedRate(() -> {
      int count = COUNT.get();
      if (count != said.getAndSet(count)) System.out.println(count);
    }, SAY_MILLIS, SAY_MILLIS, TimeUnit.MILLISECONDS);
  }

  private static void drain(SitqClient client, String queue, int capacity) throws InterruptedException {
    Worker worker = client.worker(queue)
        .capacity(capacity)
        .handle("work", byte[].class, (input, context) -> {
          COUNT.incrementAndGet();
          return null;
        })
        .onConnect(() -> System.out.println("connected"))
        .stopOnShutdown()
        .start();
    worker.done().join();
    STOPPED.await();
  }

  private static void enqueue(SitqClient client, String queue, int inFlight) throws InterruptedException {
    for (int lane = 0; lane < inFlight; lane++) enqueueNext(client, queue);
    STOPPED.await();
  }

  private static void enqueueNext(SitqClient client, String queue) {
    client.enqueueAsync(NewTask.of(queue, "work", PAYLOAD)).thenAccept(stored -> {
      COUNT.incrementAndGet();
      enqueueNext(client, queue);
    });
  }
}

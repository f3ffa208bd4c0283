package com.sitq.client.conformance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sitq.client.ConnectOptions;
import com.sitq.client.Enqueued;
import com.sitq.client.NewTask;
import com.sitq.client.SitqClient;
import com.sitq.client.SitqException;
import com.sitq.client.Tls;
import com.sitq.client.Worker;
import com.sitq.client.WorkerBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;

/** The program of this client for the conformance kit. */
public final class Conformance {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Conformance() {}

  /** Runs the program. */
  public static void main(String[] args) throws InterruptedException {
    int code;
    try {
      Arguments arguments = Arguments.parse(args);
      code = arguments.mode().equals("worker") ? work(arguments) : produce(arguments);
    } catch (IllegalArgumentException wrong) {
      System.err.println(wrong.getMessage());
      code = 2;
    }
    // The hook of a worker that drains ends the process by itself.
    System.exit(code);
  }

  private static SitqClient connect(Arguments arguments) {
    ConnectOptions options = new ConnectOptions()
        .address(arguments.text("address"))
        .retryTimeout(seconds(arguments.number("deadline", 30.0)));
    if (arguments.has("tls-ca")) {
      Tls tls = Tls.trusting(Path.of(arguments.text("tls-ca")));
      boolean isShown = arguments.has("tls-cert");
      options.tls(isShown ? tls.showing(Path.of(arguments.text("tls-cert")), Path.of(arguments.text("tls-key"))) : tls);
    } else {
      options.plaintext();
    }
    if (arguments.has("token-file")) options.tokenFile(Path.of(arguments.text("token-file")));
    return SitqClient.connect(options);
  }

  private static int produce(Arguments arguments) {
    try (SitqClient client = connect(arguments)) {
      AtomicInteger code = new AtomicInteger();
      List<CompletableFuture<?>> all = new ArrayList<>();
      for (int n = 0; n < (int) arguments.number("count", null); n++) {
        int number = n;
        NewTask task = NewTask.of(arguments.text("queue"), "echo", Map.of("n", n));
        all.add(client.enqueueAsync(task).handle((stored, failure) -> {
          if (failure == null) {
            print("enqueued", enqueued(number, stored));
          } else {
            print("failed", failed(number, failure));
            code.set(1);
          }
          return null;
        }));
      }
      CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0])).join();
      return code.get();
    }
  }

  private static Map<String, Object> enqueued(int n, Enqueued stored) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("n", n);
    facts.put("task", stored.id());
    facts.put("created", stored.created());
    return facts;
  }

  private static Map<String, Object> failed(int n, Throwable failure) {
    SitqException error = SitqClient.errorOf(failure);
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("n", n);
    facts.put("code", error.code().name());
    facts.put("reason", error.reason().isEmpty() ? null : error.reason());
    facts.put("field", error.field().isEmpty() ? null : error.field());
    facts.put("retry_after", error.retryAfter().map(delay -> delay.toMillis() / 1000.0).orElse(null));
    facts.put("message", error.getMessage());
    return facts;
  }

  private static int work(Arguments arguments) throws InterruptedException {
    SitqClient client = connect(arguments);
    WorkerBuilder builder = client.worker(arguments.text("queue"))
        .capacity((int) arguments.number("capacity", null))
        .grace(seconds(arguments.number("grace", 5.0)));
    if (arguments.has("worker-id")) builder.id(arguments.text("worker-id"));
    Worker worker = ConformanceHandlers.set(builder).start();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      worker.close();
      if (worker.done().isCompletedExceptionally()) return;
      print("closed", Map.of());
      // By a signal, Java ends with the signal's number otherwise.
      Runtime.getRuntime().halt(0);
    }));
    try {
      worker.done().join();
    } catch (CompletionException failure) {
      SitqException refusal = SitqClient.errorOf(failure);
      print("refused", Map.of("code", refusal.code().name(), "reason", refusal.reason()));
      return 3;
    }
    // The hook prints and ends the process.
    Thread.currentThread().join();
    return 0;
  }

  static Duration seconds(double number) {
    return Duration.ofNanos((long) (number * 1e9));
  }

  /** Prints one line. */
  static void print(String event, Map<String, ?> facts) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("event", event);
    line.putAll(facts);
    try {
      String text = JSON.writeValueAsString(line);
      synchronized (System.out) {
        System.out.println(text);
        System.out.flush();
      }
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}

package com.sitq.client.conformance;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.sitq.client.Handler;
import com.sitq.client.RetryAfter;
import com.sitq.client.TaskContext;
import com.sitq.client.Terminal;
import com.sitq.client.WorkerBuilder;
import java.util.Map;

/** The handlers that conformance/README.md describes. */
final class ConformanceHandlers {
  private ConformanceHandlers() {}

  record Failure(String message) {}

  record Span(double seconds) {}

  record Size(int bytes) {}

  record Report(double fraction, String message, double seconds) {}

  record Typed(@JsonProperty(required = true) String name, @JsonProperty(required = true) int count) {}

  static WorkerBuilder set(WorkerBuilder worker) {
    return worker
        .handle("echo", Object.class, told((input, context) -> input))
        .handle("fail", Failure.class, told((input, context) -> {
          throw new IllegalStateException(input.message());
        }))
        .handle("fail-terminal", Failure.class, told((input, context) -> {
          throw new Terminal(input.message());
        }))
        .handle("retry-after", Span.class, told((input, context) -> {
          throw new RetryAfter(Conformance.seconds(input.seconds()), "try again later");
        }))
        .handle("sleep", Span.class, told((input, context) -> {
          Thread.sleep(Conformance.seconds(input.seconds()).toMillis());
          return input;
        }))
        .handle("block", Span.class, told(ConformanceHandlers::block))
        .handle("large", Size.class, told((input, context) -> "x".repeat(input.bytes())))
        .handle("progress", Report.class, told((input, context) -> {
          context.progress(input.fraction(), 1, input.message());
          Thread.sleep(Conformance.seconds(input.seconds()).toMillis());
          return input;
        }))
        .handle("typed", Typed.class, told((input, context) -> input));
  }

  /** Is deaf to interrupts, as a careless handler is. */
  private static Span block(Span input, TaskContext context) {
    long until = System.nanoTime() + Conformance.seconds(input.seconds()).toNanos();
    for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
      try {
        Thread.sleep(left / 1_000_000, (int) (left % 1_000_000));
      } catch (InterruptedException swallowed) {
        // That is what careless means.
      }
    }
    return input;
  }

  /** Prints when a handler begins and ends. */
  private static <I> Handler<I, Object> told(Handler<I, Object> handler) {
    return (input, context) -> {
      Conformance.print("started", Map.of("task", context.taskId(), "attempt", context.attempt()));
      String how = "failed";
      try {
        Object result = handler.handle(input, context);
        how = "returned";
        return result;
      } catch (InterruptedException cancelled) {
        how = "cancelled";
        throw cancelled;
      } finally {
        Conformance.print("ended", Map.of("task", context.taskId(), "attempt", context.attempt(), "how", how));
      }
    };
  }
}

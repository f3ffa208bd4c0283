package com.sitq.client;

import com.sitq.v1.Outcome;
import com.sitq.v1.Task;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/**
 * Makes spans of what a client sends and its workers process, and passes traces on. {@code com.sitq.client.otel.OpenTelemetryTracing} is one
 * for OpenTelemetry. Any number of threads may use it.
 */
public interface Tracing {
  /** Begins to send tasks: one, or those of a batch. */
  Sending send(List<Task> tasks, boolean isBatch);

  /** Begins an attempt. */
  Processing process(Task task, String workerId);

  /** What is made of tasks that are being sent. */
  interface Sending {
    /** Returns what goes with a task, by its place; empty: nothing is added. */
    Map<String, String> headers(int place);

    /**
     * Says how the server answered for a task.
     *
     * @param id that it gave to the task; empty: none
     * @param failure why it refused the task; null: it did not
     */
    void answered(int place, String id, Throwable failure);

    /**
     * Ends the sending.
     *
     * @param failure why it failed; null: it did not
     */
    void end(Throwable failure);
  }

  /** What is made of an attempt. */
  interface Processing {
    /** Calls the handler as part of it. */
    <T> T call(Callable<T> handler) throws Exception;

    /** Returns what the outcome of a workflow's step carries, so that the steps that depend on it can link to it; empty: nothing. */
    String stepTraceparent();

    /**
     * Ends it.
     *
     * @param abandoned why the outcome does not count any more; null: it counts
     */
    void end(Outcome outcome, CancelCause abandoned);

    /**
     * Begins the sending of the outcome. What it returns is called when the server has it, with an empty text, or with why it does not stand;
     * null: nothing is traced.
     */
    Consumer<String> settle();
  }
}

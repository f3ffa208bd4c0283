package com.sitq.client;

import com.sitq.v1.EnqueueRequest;
import com.sitq.v1.Task;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Puts the headers of traces among those of tasks. */
final class TraceHeaders {
  private static final int MOST_HEADERS = 64;
  private static final int MOST_BYTES = 16_384;

  private TraceHeaders() {}

  /** Adds the headers of a trace to a request, where they fit. */
  static EnqueueRequest add(EnqueueRequest request, Map<String, String> trace) {
    if (trace.isEmpty()) return request;
    Task task = request.getTask();
    Map<String, String> all = new HashMap<>(task.getHeadersMap());
    all.remove("tracestate");
    all.putAll(trace);
    int bytes = all.entrySet().stream().mapToInt(each -> bytes(each.getKey()) + bytes(each.getValue())).sum();
    if (all.size() > MOST_HEADERS || bytes > MOST_BYTES) return request;
    return request.toBuilder().setTask(task.toBuilder().clearHeaders().putAllHeaders(all)).build();
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}

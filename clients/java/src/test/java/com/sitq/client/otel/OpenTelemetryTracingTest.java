package com.sitq.client.otel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sitq.client.ConnectOptions;
import com.sitq.client.NewTask;
import com.sitq.client.RetryAfter;
import com.sitq.client.SitqClient;
import com.sitq.client.Worker;
import com.sitq.client.testing.SitqExtension;
import com.sitq.client.testing.SitqServer;
import com.sitq.v1.GetTaskRequest;
import com.sitq.v1.GetWorkflowRequest;
import com.sitq.v1.QueueServiceGrpc;
import com.sitq.v1.StartWorkflowRequest;
import com.sitq.v1.WorkflowServiceGrpc;
import com.sitq.v1.WorkflowStep;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SitqExtension.class)
@Timeout(120)
class OpenTelemetryTracingTest {
  private final Collection<SpanData> ended = new ConcurrentLinkedQueue<>();
  private final OpenTelemetrySdk sdk = OpenTelemetrySdk.builder()
      .setTracerProvider(SdkTracerProvider.builder().addSpanProcessor(new Recorder()).build())
      .build();

  private final class Recorder implements SpanProcessor {
    @Override
    public void onStart(Context parent, ReadWriteSpan span) {}

    @Override
    public boolean isStartRequired() {
      return false;
    }

    @Override
    public void onEnd(ReadableSpan span) {
      ended.add(span.toSpanData());
    }

    @Override
    public boolean isEndRequired() {
      return true;
    }
  }

  private SitqClient connect(SitqServer server) {
    return SitqClient.connect(new ConnectOptions().address(server.address()).tracing(new OpenTelemetryTracing(sdk)));
  }

  /** Returns spans in short, sorted: the kind, the name, the names of the span above and of those that it links to. */
  private List<String> lines() {
    Map<String, String> names = ended.stream().collect(Collectors.toMap(SpanData::getSpanId, SpanData::getName));
    return ended.stream()
        .map(each -> each.getKind() + " " + each.getName() + " below " + names.getOrDefault(each.getParentSpanId(), "nothing")
            + each.getLinks().stream()
                .map(link -> ", links to " + names.getOrDefault(link.getSpanContext().getSpanId(), "unknown"))
                .collect(Collectors.joining()))
        .sorted()
        .toList();
  }

  private static String attribute(SpanData span, String name) {
    return span.getAttributes().asMap().entrySet().stream()
        .filter(each -> each.getKey().getKey().equals(name))
        .map(each -> String.valueOf(each.getValue()))
        .findFirst()
        .orElse("");
  }

  @Test
  void aTraceGoesFromTheProducerThroughHandlersToWhatTheyEnqueue(SitqServer server) {
    String id;
    try (SitqClient client = connect(server)) {
      try (Worker worker = client.worker("traced")
          .handle("pack", Void.class, (input, context) -> {
            if (context.task().getAttempt() == 1) throw new RetryAfter(Duration.ZERO, "no box");
            client.enqueueAll(List.of(NewTask.of("traced-next", "a"), NewTask.of("traced-next", "b")));
            return client.enqueue(NewTask.of("traced-next", "c")).id();
          })
          .start()) {
        id = client.enqueue(NewTask.of("traced", "pack").correlationId("order-7")).id();
        client.await(id, String.class);
        assertTrue(worker.isConnected());
      }
    }
    assertEquals(
        List.of(
            "CLIENT send traced-next below process traced, links to create traced-next, links to create traced-next",
            "CLIENT settle traced below process traced, links to send traced",
            "CLIENT settle traced below process traced, links to send traced",
            "CONSUMER process traced below send traced, links to send traced",
            "CONSUMER process traced below send traced, links to send traced",
            "PRODUCER create traced-next below process traced",
            "PRODUCER create traced-next below process traced",
            "PRODUCER send traced below nothing",
            "PRODUCER send traced-next below process traced"),
        lines());
    assertEquals(1, ended.stream().map(SpanData::getTraceId).distinct().count());
    for (SpanData each : ended) {
      if (each.getName().endsWith("next")) continue;
      assertEquals(id, attribute(each, "messaging.message.id"));
      assertEquals("order-7", attribute(each, "messaging.message.conversation_id"));
      assertEquals("pack", attribute(each, "sitq.task.type"));
      boolean hasFailed = each.getKind() == SpanKind.CONSUMER && attribute(each, "sitq.task.outcome").equals("failed");
      assertEquals(hasFailed ? "no box" : "", each.getStatus().getDescription());
    }
  }

  @Test
  void aStepLinksToTheStepsThatItWaitedFor(SitqServer server) {
    try (SitqClient client = connect(server)) {
      try (Worker worker = client.worker("steps").handle("step", Void.class, (input, context) -> "done").start()) {
        var workflows = WorkflowServiceGrpc.newBlockingStub(client.channel());
        WorkflowStep step = WorkflowStep.newBuilder().setServiceName("steps").setAction("step").build();
        String id = workflows.startWorkflow(StartWorkflowRequest.newBuilder()
            .setName("chain")
            .addSteps(step.toBuilder().setStepId("a"))
            .addSteps(step.toBuilder().setStepId("b").addDependsOn("a"))
            .build()).getWorkflow().getId();
        String last = workflows.getWorkflow(GetWorkflowRequest.newBuilder().setWorkflowId(id).build())
            .getWorkflow().getSteps(1).getTaskId();
        client.awaitTask(last);
        assertTrue(worker.isConnected());
      }
    }
    // It was started outside of any trace: the second goes on with that of the first.
    assertEquals(
        List.of(
            "CLIENT settle steps below process steps",
            "CLIENT settle steps below process steps, links to process steps",
            "CONSUMER process steps below nothing",
            "CONSUMER process steps below process steps, links to process steps"),
        lines());
  }

  @Test
  void aTaskThatNamesASpanOfItsOwnKeepsIt(SitqServer server) {
    String parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    try (SitqClient client = connect(server)) {
      String id = client.enqueue(NewTask.of("own", "pack").header("traceparent", parent)).id();
      var found = QueueServiceGrpc.newBlockingStub(client.channel()).getTask(GetTaskRequest.newBuilder().setTaskId(id).build());
      assertEquals(parent, found.getTask().getHeadersOrThrow("traceparent"));
    }
    assertEquals(List.of("CLIENT send own below nothing, links to unknown"), lines());
  }
}

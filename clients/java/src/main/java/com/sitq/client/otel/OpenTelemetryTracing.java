package com.sitq.client.otel;

import com.sitq.client.CancelCause;
import com.sitq.client.SitqException;
import com.sitq.client.Tracing;
import com.sitq.v1.Outcome;
import com.sitq.v1.Task;
import com.sitq.v1.TaskError;
import com.sitq.v1.TaskOrigin;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/**
 * Traces what a client sends and processes by OpenTelemetry: set it by {@code ConnectOptions.tracing}. It needs {@code opentelemetry-api} among
 * the application's dependencies, and makes spans where an SDK is registered.
 *
 * <p>Spans have the names of the semantic conventions for messaging: docs/tracing.md.
 */
public final class OpenTelemetryTracing implements Tracing {
  private static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("messaging.system");
  private static final AttributeKey<String> OPERATION_NAME = AttributeKey.stringKey("messaging.operation.name");
  private static final AttributeKey<String> OPERATION_TYPE = AttributeKey.stringKey("messaging.operation.type");
  private static final AttributeKey<String> DESTINATION = AttributeKey.stringKey("messaging.destination.name");
  private static final AttributeKey<String> SUBSCRIPTION =
      AttributeKey.stringKey("messaging.destination.subscription.name");
  private static final AttributeKey<String> MESSAGE_ID = AttributeKey.stringKey("messaging.message.id");
  private static final AttributeKey<String> CONVERSATION_ID = AttributeKey.stringKey("messaging.message.conversation_id");
  private static final AttributeKey<Long> BATCH_COUNT = AttributeKey.longKey("messaging.batch.message_count");
  private static final AttributeKey<String> CLIENT_ID = AttributeKey.stringKey("messaging.client.id");
  private static final AttributeKey<String> ERROR_TYPE = AttributeKey.stringKey("error.type");
  private static final AttributeKey<String> TASK_TYPE = AttributeKey.stringKey("sitq.task.type");
  private static final AttributeKey<Long> ATTEMPT = AttributeKey.longKey("sitq.task.attempt");
  private static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("sitq.task.outcome");
  private static final AttributeKey<String> EVENT_ID = AttributeKey.stringKey("sitq.event.id");
  private static final AttributeKey<String> WORKFLOW_ID = AttributeKey.stringKey("sitq.workflow.id");
  private static final AttributeKey<String> WORKFLOW_STEP = AttributeKey.stringKey("sitq.workflow.step");
  private static final AttributeKey<Boolean> COMPENSATION = AttributeKey.booleanKey("sitq.workflow.compensation");
  private static final String PARENT = "traceparent";
  private static final String STATE = "tracestate";

  /** Whatever the application uses elsewhere: other clients and the server read W3C Trace Context. */
  private static final W3CTraceContextPropagator FORMAT = W3CTraceContextPropagator.getInstance();

  private static final TextMapGetter<Map<String, String>> GETTER = new TextMapGetter<>() {
    @Override
    @SuppressWarnings("deprecation")
    public Iterable<String> keys(Map<String, String> carrier) {
      return carrier.keySet();
    }

    @Override
    public String get(Map<String, String> carrier, String key) {
      return carrier == null ? null : carrier.get(key);
    }
  };

  private final Tracer tracer;

  /** Makes a tracing by what the application has set up: {@code GlobalOpenTelemetry.get()}. */
  public OpenTelemetryTracing(OpenTelemetry openTelemetry) {
    this.tracer = openTelemetry.tracerBuilder("com.sitq.client")
        .setSchemaUrl("https://opentelemetry.io/schemas/1.44.0")
        .build();
  }

  @Override
  public Sending send(List<Task> tasks, boolean isBatch) {
    List<Span> created = new ArrayList<>();
    List<SpanContext> links = new ArrayList<>();
    for (Task task : tasks) {
      SpanContext own = spanIn(task.getHeadersMap());
      Span made = own.isValid() || !isBatch
          ? Span.getInvalid()
          : start("create", task.getQueue(), SpanKind.PRODUCER, Context.current(), List.of(), facts(task));
      created.add(made);
      if (own.isValid()) {
        links.add(own);
      } else if (isBatch) {
        links.add(made.getSpanContext());
      }
    }
    Span span;
    if (isBatch) {
      String first = tasks.get(0).getQueue();
      String common = tasks.stream().allMatch(each -> each.getQueue().equals(first)) ? first : "";
      Attributes facts = Attributes.of(BATCH_COUNT, (long) tasks.size());
      span = start("send", common, SpanKind.CLIENT, Context.current(), links, facts);
    } else {
      Task task = tasks.get(0);
      SpanKind kind = links.isEmpty() ? SpanKind.PRODUCER : SpanKind.CLIENT;
      span = start("send", task.getQueue(), kind, Context.current(), links, facts(task));
      if (links.isEmpty()) created.set(0, span);
    }
    return new Sent(span, created);
  }

  /** A span of sending, and those in which the tasks are created; an invalid one in the place of a task that names its own. */
  private record Sent(Span span, List<Span> created) implements Sending {
    @Override
    public Map<String, String> headers(int place) {
      return carried(created.get(place));
    }

    @Override
    public void answered(int place, String id, Throwable failure) {
      boolean isOwn = !created.get(place).getSpanContext().isValid();
      Span answered = created.size() == 1 && isOwn ? span : created.get(place);
      if (!id.isEmpty()) answered.setAttribute(MESSAGE_ID, id);
      note(answered, failure);
    }

    @Override
    public void end(Throwable failure) {
      for (Span each : created) {
        if (!each.equals(span)) each.end();
      }
      note(span, failure);
      span.end();
    }
  }

  @Override
  public Processing process(Task task, String workerId) {
    SpanContext creation = spanIn(headersOf(task));
    List<SpanContext> links = new ArrayList<>();
    if (creation.isValid()) links.add(creation);
    for (String each : new TreeMap<>(task.getStepTraceparentsMap()).values()) {
      SpanContext step = spanIn(Map.of(PARENT, each));
      if (!step.isValid()) continue;
      // A workflow that was not started in a trace goes on with that of its first step.
      if (!creation.isValid()) creation = step;
      links.add(step);
    }
    // Not below what was active where the worker was started.
    Context parent = creation.isValid() ? Context.root().with(Span.wrap(creation)) : Context.root();
    AttributesBuilder facts = facts(task).toBuilder()
        .put(CLIENT_ID, workerId)
        .put(MESSAGE_ID, task.getId())
        .put(ATTEMPT, (long) task.getAttempt());
    TaskOrigin origin = task.getOrigin();
    if (!origin.getSubscription().isEmpty()) facts.put(SUBSCRIPTION, origin.getSubscription());
    if (!origin.getEventId().isEmpty()) facts.put(EVENT_ID, origin.getEventId());
    if (!origin.getWorkflowId().isEmpty()) {
      facts.put(WORKFLOW_ID, origin.getWorkflowId()).put(WORKFLOW_STEP, origin.getStepId());
    }
    if (origin.getIsCompensation()) facts.put(COMPENSATION, true);
    Span span = start("process", task.getQueue(), SpanKind.CONSUMER, parent, links, facts.build());
    return new Processed(task, span, facts, creation);
  }

  /** The span of an attempt. */
  private final class Processed implements Processing {
    private final Task task;
    private final Span span;
    private final Context context;
    private final AttributesBuilder facts;
    private final SpanContext creation;
    private final boolean isRecorded;

    Processed(Task task, Span span, AttributesBuilder facts, SpanContext creation) {
      this.task = task;
      this.span = span;
      this.context = Context.root().with(span);
      this.facts = facts;
      this.creation = creation;
      this.isRecorded = span.isRecording();
    }

    @Override
    public <T> T call(Callable<T> handler) throws Exception {
      return context.wrap(handler).call();
    }

    @Override
    public String stepTraceparent() {
      boolean isReported = isRecorded && !task.getOrigin().getWorkflowId().isEmpty();
      return isReported ? carried(span).getOrDefault(PARENT, "") : "";
    }

    @Override
    public void end(Outcome outcome, CancelCause abandoned) {
      String what = "completed";
      if (abandoned != null) {
        what = "abandoned";
        span.setAttribute(ERROR_TYPE, abandoned.name()).setStatus(StatusCode.ERROR);
      } else if (outcome.hasFailed()) {
        what = "failed";
        TaskError error = outcome.getFailed().getError();
        span.addEvent("exception", Attributes.of(
            AttributeKey.stringKey("exception.type"), error.getType(),
            AttributeKey.stringKey("exception.message"), error.getMessage(),
            AttributeKey.stringKey("exception.stacktrace"), error.getStackTrace()));
        span.setAttribute(ERROR_TYPE, error.getType()).setStatus(StatusCode.ERROR, error.getMessage());
      } else if (outcome.hasReleased()) {
        what = "released";
      }
      span.setAttribute(OUTCOME, what);
      facts.put(OUTCOME, what);
      span.end();
    }

    @Override
    public Consumer<String> settle() {
      if (!isRecorded) return null;
      List<SpanContext> links = creation.isValid() ? List.of(creation) : List.of();
      Span settling = start("settle", task.getQueue(), SpanKind.CLIENT, context, links, facts.build());
      return failure -> {
        if (!failure.isEmpty()) settling.setAttribute(ERROR_TYPE, failure).setStatus(StatusCode.ERROR);
        settling.end();
      };
    }
  }

  private Span start(
      String operation, String queue, SpanKind kind, Context parent, List<SpanContext> links, Attributes facts) {
    SpanBuilder builder = tracer.spanBuilder(queue.isEmpty() ? operation : operation + " " + queue)
        .setSpanKind(kind)
        .setParent(parent)
        .setAllAttributes(facts)
        .setAttribute(SYSTEM, "sitq")
        .setAttribute(OPERATION_NAME, operation)
        .setAttribute(OPERATION_TYPE, operation);
    if (!queue.isEmpty()) builder.setAttribute(DESTINATION, queue);
    for (SpanContext each : links) builder.addLink(each);
    return builder.startSpan();
  }

  private static Attributes facts(Task task) {
    AttributesBuilder facts = Attributes.builder().put(TASK_TYPE, task.getType());
    if (!task.getCorrelationId().isEmpty()) facts.put(CONVERSATION_ID, task.getCorrelationId());
    return facts.build();
  }

  /** The headers of the span that created a task: of a delivery, that published its event. */
  private static Map<String, String> headersOf(Task task) {
    if (!task.hasEvent() || task.containsHeaders(PARENT)) return task.getHeadersMap();
    Map<String, String> headers = new HashMap<>();
    for (String name : List.of(PARENT, STATE)) {
      if (task.getEvent().containsAttributes(name)) {
        headers.put(name, task.getEvent().getAttributesOrThrow(name).getStringValue());
      }
    }
    return headers;
  }

  private static SpanContext spanIn(Map<String, String> headers) {
    return Span.fromContext(FORMAT.extract(Context.root(), headers, GETTER)).getSpanContext();
  }

  private static Map<String, String> carried(Span span) {
    Map<String, String> headers = new HashMap<>();
    FORMAT.inject(Context.root().with(span), headers, Map::put);
    return headers;
  }

  private static void note(Span span, Throwable failure) {
    if (failure == null) return;
    String type = failure.getClass().getName();
    if (failure instanceof SitqException refused) {
      type = refused.reason().isEmpty() ? refused.code().name() : refused.reason();
    }
    span.setAttribute(ERROR_TYPE, type).setStatus(StatusCode.ERROR, failure.getMessage() == null ? "" : failure.getMessage());
  }
}

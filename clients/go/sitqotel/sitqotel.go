// Package sitqotel traces what a client of sitq sends and processes by OpenTelemetry: set [Tracing] in sitq.Config.
//
// Spans have the names of the semantic conventions for messaging: docs/tracing.md.
package sitqotel

import (
	"context"
	"errors"
	"maps"
	"slices"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/sitq/sitq/clients/go"
	"github.com/sitq/sitq/clients/go/sitqv1"
)

// Tracing returns a tracing by a provider of tracers; nil: the global one.
func Tracing(provider trace.TracerProvider) sitq.Tracing {
	if provider == nil {
		provider = otel.GetTracerProvider()
	}
	const schema = "https://opentelemetry.io/schemas/1.44.0"
	return tracing{provider.Tracer("github.com/sitq/sitq/clients/go/sitqotel", trace.WithSchemaURL(schema))}
}

type tracing struct{ tracer trace.Tracer }

// Whatever the application uses elsewhere: other clients and the server read W3C Trace Context.
var format = propagation.TraceContext{}

// sending is a send span, and for a batch one for each message, in which it is created.
type sending struct {
	span    trace.Span
	created []trace.Span // nil in the place of one that names a span of its own
}

// Send begins to send messages.
func (t tracing) Send(ctx context.Context, messages []sitq.Message, isBatch bool) sitq.Sending {
	s := &sending{created: make([]trace.Span, len(messages))}
	links := make([]trace.Link, 0, len(messages))
	for i, message := range messages {
		if own := spanIn(message.Headers); own.IsValid() {
			links = append(links, trace.Link{SpanContext: own})
		} else if isBatch {
			s.created[i] = t.start(ctx, "create", message, trace.SpanKindProducer, nil)
			links = append(links, trace.Link{SpanContext: s.created[i].SpanContext()})
		}
	}
	switch {
	case isBatch:
		common := sitq.Message{Destination: messages[0].Destination}
		for _, message := range messages {
			if message.Destination != common.Destination {
				common.Destination = ""
			}
		}
		s.span = t.start(ctx, "send", common, trace.SpanKindClient, links, attribute.Int("messaging.batch.message_count", len(messages)))
	case len(links) > 0:
		s.span = t.start(ctx, "send", messages[0], trace.SpanKindClient, links)
	default:
		s.span = t.start(ctx, "send", messages[0], trace.SpanKindProducer, nil)
		s.created[0] = s.span
	}
	return s
}

func (s *sending) Headers(i int) map[string]string {
	if s.created[i] == nil {
		return nil
	}
	return carried(s.created[i])
}

// carried returns the headers that name a span.
func carried(span trace.Span) map[string]string {
	headers := propagation.MapCarrier{}
	format.Inject(trace.ContextWithSpan(context.Background(), span), headers)
	return headers
}

func (s *sending) Answered(i int, id string, err error) {
	span := s.created[i]
	if span == nil && len(s.created) == 1 {
		span = s.span
	}
	if span == nil {
		return
	}
	if id != "" {
		span.SetAttributes(attribute.String("messaging.message.id", id))
	}
	note(span, err)
}

func (s *sending) End(err error) {
	for _, span := range s.created {
		if span != nil && span != s.span {
			span.End()
		}
	}
	note(s.span, err)
	s.span.End()
}

// processing is the span of an attempt.
type processing struct {
	tracing
	ctx             context.Context
	span            trace.Span
	message         sitq.Message
	links           []trace.Link
	facts           []attribute.KeyValue
	isRecorded      bool
	stepTraceparent string
}

// Process begins an attempt, below the span that created its task.
func (t tracing) Process(ctx context.Context, task *sitqv1.Task, workerID string) (context.Context, sitq.Processing) {
	creation := spanIn(headersOf(task))
	var steps []trace.Link
	for _, step := range slices.Sorted(maps.Keys(task.StepTraceparents)) {
		before := spanIn(map[string]string{"traceparent": task.StepTraceparents[step]})
		switch {
		case !before.IsValid():
		case !creation.IsValid():
			creation = before // A workflow that was not started in a trace goes on with that of its first step.
		default:
			steps = append(steps, trace.Link{SpanContext: before})
		}
	}
	// Not below what was active where the worker was started.
	ctx = trace.ContextWithSpanContext(ctx, trace.SpanContext{})
	var links []trace.Link
	if creation.IsValid() {
		ctx = trace.ContextWithRemoteSpanContext(ctx, creation)
		links = []trace.Link{{SpanContext: creation}}
	}
	facts := []attribute.KeyValue{
		attribute.String("messaging.client.id", workerID),
		attribute.String("messaging.message.id", task.Id),
		attribute.Int("sitq.task.attempt", int(task.Attempt)),
	}
	origin := task.GetOrigin()
	for key, value := range map[string]string{
		"messaging.destination.subscription.name": origin.GetSubscription(), "sitq.event.id": origin.GetEventId(),
		"sitq.workflow.id": origin.GetWorkflowId(), "sitq.workflow.step": origin.GetStepId(),
	} {
		if value != "" {
			facts = append(facts, attribute.String(key, value))
		}
	}
	if origin.GetIsCompensation() {
		facts = append(facts, attribute.Bool("sitq.workflow.compensation", true))
	}
	message := sitq.Message{Destination: task.Queue, TaskType: task.Type, CorrelationID: task.CorrelationId}
	span := t.start(ctx, "process", message, trace.SpanKindConsumer, append(slices.Clip(links), steps...), facts...)
	p := &processing{tracing: t, ctx: trace.ContextWithSpan(ctx, span), span: span, message: message, links: links, facts: slices.Clip(facts), isRecorded: span.IsRecording()}
	if origin.GetWorkflowId() != "" && p.isRecorded {
		p.stepTraceparent = carried(span)["traceparent"]
	}
	return p.ctx, p
}

func (p *processing) StepTraceparent() string { return p.stepTraceparent }

func (p *processing) End(outcome *sitqv1.Outcome, err, abandoned error) {
	what := "completed"
	switch failed := outcome.GetFailed(); {
	case abandoned != nil:
		what = "abandoned"
		p.span.SetAttributes(attribute.String("error.type", abandonedBy(abandoned)))
		p.span.SetStatus(codes.Error, abandoned.Error())
	case failed != nil:
		what = "failed"
		p.span.RecordError(err)
		p.span.SetAttributes(attribute.String("error.type", failed.GetError().GetType()))
		p.span.SetStatus(codes.Error, failed.GetError().GetMessage())
	case outcome.GetCompleted() == nil:
		what = "released"
	}
	said := attribute.String("sitq.task.outcome", what)
	p.span.SetAttributes(said)
	p.facts = slices.Clip(append(p.facts, said))
	p.span.End()
}

func (p *processing) Settle() func(failure string) {
	if !p.isRecorded {
		return nil
	}
	span := p.start(p.ctx, "settle", p.message, trace.SpanKindClient, p.links, p.facts...)
	return func(failure string) {
		if failure != "" {
			span.SetAttributes(attribute.String("error.type", failure))
			span.SetStatus(codes.Error, "")
		}
		span.End()
	}
}

// abandonedBy says why an attempt was in vain.
func abandonedBy(cause error) string {
	switch {
	case errors.Is(cause, sitq.ErrCancelled):
		return "CANCELLED"
	case errors.Is(cause, sitq.ErrAttemptTimeout):
		return "ATTEMPT_TIMEOUT"
	case errors.Is(cause, sitq.ErrWorkerStopping):
		return "WORKER_STOPPING"
	}
	return "LEASE_LOST"
}

func (t tracing) start(ctx context.Context, operation string, message sitq.Message, kind trace.SpanKind, links []trace.Link, facts ...attribute.KeyValue) trace.Span {
	facts = append(facts,
		attribute.String("messaging.system", "sitq"),
		attribute.String("messaging.operation.name", operation),
		attribute.String("messaging.operation.type", operation),
	)
	name := operation
	if message.Destination != "" {
		name += " " + message.Destination
		facts = append(facts, attribute.String("messaging.destination.name", message.Destination))
	}
	if message.TaskType != "" {
		facts = append(facts, attribute.String("sitq.task.type", message.TaskType))
	}
	if message.CorrelationID != "" {
		facts = append(facts, attribute.String("messaging.message.conversation_id", message.CorrelationID))
	}
	_, span := t.tracer.Start(ctx, name, trace.WithSpanKind(kind), trace.WithLinks(links...), trace.WithAttributes(facts...))
	return span
}

// headersOf returns the headers of the span that created a task: of a delivery, that published its event.
func headersOf(task *sitqv1.Task) map[string]string {
	if task.Event == nil || task.Headers["traceparent"] != "" {
		return task.Headers
	}
	attributes := task.Event.Attributes
	return map[string]string{
		"traceparent": attributes["traceparent"].GetStringValue(), "tracestate": attributes["tracestate"].GetStringValue(),
	}
}

// spanIn reads the span that headers name.
func spanIn(headers map[string]string) trace.SpanContext {
	return trace.SpanContextFromContext(format.Extract(context.Background(), propagation.MapCarrier(headers)))
}

func note(span trace.Span, err error) {
	if err == nil {
		return
	}
	kind := "_OTHER"
	if failure := (*sitq.Error)(nil); errors.As(err, &failure) {
		if kind = string(failure.Reason); kind == "" {
			kind = failure.Code.String()
		}
	}
	span.SetAttributes(attribute.String("error.type", kind))
	span.SetStatus(codes.Error, err.Error())
}

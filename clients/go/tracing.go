package sitq

import (
	"context"

	"google.golang.org/protobuf/types/known/structpb"

	"github.com/sitq/sitq/clients/go/sitqv1"
)

// Tracing makes spans of what a client sends and its workers process, and passes traces on. The module sitqotel has one for OpenTelemetry.
type Tracing interface {
	// Send begins to send messages: one, or those of a batch.
	Send(ctx context.Context, messages []Message, isBatch bool) Sending
	// Process begins an attempt. It returns the context of its handler.
	Process(ctx context.Context, task *sitqv1.Task, workerID string) (context.Context, Processing)
}

// Processing is what a [Tracing] makes of an attempt.
type Processing interface {
	// StepTraceparent returns what the outcome of a step of a workflow carries, so that the steps that depend on it can link to it; empty:
	// nothing.
	StepTraceparent() string
	// End ends it with the outcome and the handler's error. abandoned: why the outcome does not count any more; nil: it counts.
	End(outcome *sitqv1.Outcome, err error, abandoned error)
	// Settle begins the sending of the outcome. It returns what is called when the server has it, or with why it does not stand; nil:
	// nothing is traced.
	Settle() func(failure string)
}

// Sending is what a [Tracing] makes of messages that are being sent.
type Sending interface {
	// Headers returns what goes with a message; nil: nothing is added.
	Headers(i int) map[string]string
	// Answered says which id the server gave to a message, or why it refused it.
	Answered(i int, id string, err error)
	// End ends the sending, with an error if it failed.
	End(err error)
}

// Message is a message that is sent, as a [Tracing] sees it.
type Message struct {
	// Destination is the queue of a task, the type of an event, the name of a workflow.
	Destination string
	// TaskType is the type of a task; empty: it is none.
	TaskType string
	// CorrelationID ties together what belongs together.
	CorrelationID string
	// Headers are its own. Those of an event are its attributes that are texts.
	Headers map[string]string
}

// The bounds of headers and attributes, within which those of a trace must fit.
const (
	mostHeaders     = 64
	mostHeaderBytes = 16_384
)

// addTrace returns headers with those of a trace, where they fit.
func addTrace(headers, trace map[string]string) map[string]string {
	if len(trace) == 0 {
		return headers
	}
	all := make(map[string]string, len(headers)+len(trace))
	for name, value := range headers {
		if name != "tracestate" {
			all[name] = value
		}
	}
	for name, value := range trace {
		all[name] = value
	}
	bytes := 0
	for name, value := range all {
		bytes += len(name) + len(value)
	}
	if len(all) > mostHeaders || bytes > mostHeaderBytes {
		return headers
	}
	return all
}

// addEventTrace adds the attributes of a trace to an event, where they fit: as CloudEvents has them.
func addEventTrace(event *sitqv1.Event, trace map[string]string) {
	if len(event.Attributes)+len(trace) > mostHeaders {
		return
	}
	for name, value := range trace {
		if event.Attributes == nil {
			event.Attributes = map[string]*structpb.Value{}
		}
		event.Attributes[name] = structpb.NewStringValue(value)
	}
}

func (t Task) message() Message {
	return Message{Destination: t.Queue, TaskType: t.Type, CorrelationID: t.CorrelationID, Headers: t.Headers}
}

func (e Event) message() Message {
	texts := map[string]string{}
	for name, value := range e.Attributes {
		if text, ok := value.(string); ok {
			texts[name] = text
		}
	}
	return Message{Destination: e.Type, CorrelationID: e.CorrelationID, Headers: texts}
}

func (w Workflow) message() Message {
	return Message{Destination: w.Name, CorrelationID: w.CorrelationID, Headers: w.Headers}
}

// endSend ends the sending of one message.
func endSend(span Sending, id string, err error) {
	if err == nil {
		span.Answered(0, id, nil)
	}
	span.End(err)
}

// noTracing is in place of none.
type noTracing struct{}

func (noTracing) Headers(int) map[string]string { return nil }
func (noTracing) Answered(int, string, error)   {}
func (noTracing) End(error)                     {}

// startSend begins to send one message, where something is traced.
func (c *Client) startSend(ctx context.Context, message func() Message) Sending {
	return c.tracing.Send(ctx, []Message{message()}, false)
}

// startSendAll begins to send the messages of a batch.
func startSendAll[T interface{ message() Message }](ctx context.Context, c *Client, items []T) Sending {
	if c.tracing == nil {
		return noTracing{}
	}
	messages := make([]Message, len(items))
	for i, item := range items {
		messages[i] = item.message()
	}
	return c.tracing.Send(ctx, messages, true)
}

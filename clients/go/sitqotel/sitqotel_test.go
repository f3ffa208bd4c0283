package sitqotel_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/sitq/sitq/clients/go"
	"github.com/sitq/sitq/clients/go/sitqotel"
	"github.com/sitq/sitq/clients/go/sitqtest"
)

// lines returns spans in short, sorted: the kind, the name, the names of the span above and of those that it links to.
func lines(spans []sdktrace.ReadOnlySpan) []string {
	names := map[string]string{}
	for _, span := range spans {
		names[span.SpanContext().SpanID().String()] = span.Name()
	}
	var lines []string
	for _, span := range spans {
		line := fmt.Sprintf("%s %s below %q", span.SpanKind(), span.Name(), names[span.Parent().SpanID().String()])
		for _, link := range span.Links() {
			line += " links " + names[link.SpanContext.SpanID().String()]
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines
}

func TestATraceGoesFromTheProducerThroughHandlersToWhatTheyEnqueue(t *testing.T) {
	server := sitqtest.Start(t)
	recorder := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
	client, err := sitq.Connect(sitq.Config{Address: server.Address, Service: "shop", Tracing: sitqotel.Tracing(provider)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })

	worker, err := sitq.NewWorker(client, sitq.WorkerConfig{Queues: []string{"q"}})
	if err != nil {
		t.Fatal(err)
	}
	sitq.Handle(worker, "pack", func(ctx context.Context, _ struct{}) (string, error) {
		if sitq.CurrentTask(ctx).Attempt == 1 {
			return "", sitq.RetryAfter(0, errors.New("no box"))
		}
		if _, err := client.EnqueueAll(ctx, []sitq.Task{{Queue: "next", Type: "a"}, {Queue: "next", Type: "b"}}); err != nil {
			return "", err
		}
		published, err := client.Publish(ctx, sitq.Event{Type: "order.packed"})
		return published.ID, err
	})
	// What is active where the worker is started is not above what it processes.
	ctx, start := provider.Tracer("application").Start(t.Context(), "start")
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- worker.Run(ctx) }()

	task, err := client.Enqueue(t.Context(), sitq.Task{Queue: "q", Type: "pack", CorrelationID: "order-7"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sitq.Await[string](t.Context(), client, task.ID); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	start.End()

	want := []string{
		`client send next below "process q" links create next links create next`,
		`client settle q below "process q" links send q`,
		`client settle q below "process q" links send q`,
		`consumer process q below "send q" links send q`,
		`consumer process q below "send q" links send q`,
		`internal start below ""`,
		`producer create next below "process q"`,
		`producer create next below "process q"`,
		`producer send order.packed below "process q"`,
		`producer send q below ""`,
	}
	if got := lines(recorder.Ended()); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, span := range recorder.Ended() {
		if failed := span.Status(); failed.Code == codes.Error && failed.Description != "no box" {
			t.Error(failed)
		}
		if span.Name() != "send q" {
			continue
		}
		facts := map[string]string{}
		for _, fact := range span.Attributes() {
			facts[string(fact.Key)] = fact.Value.String()
		}
		if facts["messaging.message.id"] != task.ID || facts["messaging.message.conversation_id"] != "order-7" {
			t.Error(facts)
		}
	}
}

func TestAStepLinksToTheStepsThatItWaitedFor(t *testing.T) {
	server := sitqtest.Start(t)
	recorder := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
	client, err := sitq.Connect(sitq.Config{Address: server.Address, Service: "shop", Tracing: sitqotel.Tracing(provider)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	worker, err := sitq.NewWorker(client, sitq.WorkerConfig{Queues: []string{"q"}})
	if err != nil {
		t.Fatal(err)
	}
	sitq.Handle(worker, "pack", func(context.Context, struct{}) (string, error) { return "packed", nil })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- worker.Run(ctx) }()
	workflow := sitq.Workflow{Name: "chain", Steps: []sitq.Step{
		{ID: "a", Service: "q", Action: "pack"}, {ID: "b", Service: "q", Action: "pack", DependsOn: []string{"a"}},
	}}
	started, err := client.StartWorkflow(t.Context(), workflow)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.AwaitWorkflow(t.Context(), started.ID); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	want := []string{
		`client settle q below "process q" links send chain`,
		`client settle q below "process q" links send chain`,
		`consumer process q below "send chain" links send chain`,
		`consumer process q below "send chain" links send chain links process q`,
		`producer send chain below ""`,
	}
	if got := lines(recorder.Ended()); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestATaskThatNamesASpanOfItsOwnKeepsIt(t *testing.T) {
	server := sitqtest.Start(t)
	recorder := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
	client, err := sitq.Connect(sitq.Config{Address: server.Address, Tracing: sitqotel.Tracing(provider)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	headers := map[string]string{"traceparent": parent}
	if _, err := client.Enqueue(t.Context(), sitq.Task{Queue: "q", Type: "pack", Headers: headers}); err != nil {
		t.Fatal(err)
	}
	if got := lines(recorder.Ended()); !slices.Equal(got, []string{`client send q below "" links `}) {
		t.Error(got)
	}
}

package sitq_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"

	"google.golang.org/protobuf/types/known/structpb"

	"github.com/sitq/sitq/clients/go"
)

type greet struct {
	Name string `json:"name"`
}

type text struct {
	Text string `json:"text"`
}

func TestHandle(t *testing.T) {
	client := connect(t)
	run(t, client, sitq.WorkerConfig{Queues: []string{"greetings"}}, func(w *sitq.Worker) {
		sitq.Handle(w, "greet", func(_ context.Context, in greet) (text, error) {
			return text{"Hello, " + in.Name}, nil
		})
	})
	out, err := sitq.Call[text](within(t), client, sitq.Task{Queue: "greetings", Type: "greet", Payload: greet{"Ada"}})
	if err != nil || out.Text != "Hello, Ada" {
		t.Fatal(out, err)
	}
	_, err = sitq.Call[text](within(t), client, sitq.Task{Queue: "greetings", Type: "greet", Payload: map[string]any{"name": 7}})
	var failed *sitq.TaskFailedError
	if !errors.As(err, &failed) || failed.Type() != "PAYLOAD_MISMATCH" || failed.Task.Attempt != 1 {
		t.Fatal(err)
	}
	if got, want := failed.Task.LastError.Message, "payload.name: expected string, got number"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRefusal(t *testing.T) {
	client := connect(t)
	_, err := client.Enqueue(within(t), sitq.Task{Queue: "bad queue", Type: "greet"})
	var failure *sitq.Error
	if !errors.Is(err, sitq.ErrInvalidField) || !errors.As(err, &failure) || failure.Field != "task.queue" {
		t.Fatal(err)
	}
}

func TestHandlersThatErr(t *testing.T) {
	client := connect(t)
	var deep any = 1
	for range 200 {
		deep = []any{deep}
	}
	type handler = func(context.Context, struct{}) (any, error)
	handlers := map[string]handler{
		"goexit":  func(context.Context, struct{}) (any, error) { runtime.Goexit(); return nil, nil },
		"nothing": func(context.Context, struct{}) (any, error) { return nil, sitq.Terminal(nil) },
		"deep":    func(context.Context, struct{}) (any, error) { return deep, nil },
		"raw":     func(context.Context, struct{}) (any, error) { return structpb.NewStringValue("a\xff"), nil },
	}
	run(t, client, sitq.WorkerConfig{Queues: []string{"errors"}, Capacity: 1}, func(w *sitq.Worker) {
		for name, each := range handlers {
			sitq.Handle(w, name, each)
		}
	})
	wanted := map[string]string{"goexit": "Error", "nothing": "Error", "deep": "INVALID_RESULT", "raw": "INVALID_RESULT"}
	for name, kind := range wanted {
		_, err := sitq.Call[any](within(t), client, sitq.Task{Queue: "errors", Type: name, MaxAttempts: 1})
		var failed *sitq.TaskFailedError
		if !errors.As(err, &failed) || failed.Type() != kind {
			t.Errorf("%s: %v, wanted %s", name, err, kind)
		}
	}
}

// One task that cannot be encoded fails no other, though they share a batch and a stream.
func TestATaskThatCannotBeEncodedFailsAlone(t *testing.T) {
	client := connect(t)
	ctx := within(t)
	errs := make([]error, 200)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() {
			kind := "fine"
			if i%50 == 7 {
				kind = "a\xff"
			}
			_, errs[i] = client.Enqueue(ctx, sitq.Task{Queue: "encoded", Type: kind})
		})
	}
	all.Wait()
	for i, err := range errs {
		if i%50 == 7 && !errors.Is(err, sitq.ErrInvalidField) || i%50 != 7 && err != nil {
			t.Errorf("%d: %v", i, err)
		}
	}
}

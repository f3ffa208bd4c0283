package sitq_test

import (
	"context"
	"errors"
	"testing"

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

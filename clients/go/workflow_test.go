package sitq_test

import (
	"context"
	"errors"
	"testing"

	"github.com/sitq/sitq/clients/go"
	"github.com/sitq/sitq/clients/go/sitqv1"
)

type article struct {
	SKU string `json:"sku"`
}

type shelf struct {
	Shelf int `json:"shelf"`
}

func TestWorkflow(t *testing.T) {
	client := connect(t)
	released := make(chan string, 1)
	run(t, client, sitq.WorkerConfig{Queues: []string{"stock", "till"}}, func(w *sitq.Worker) {
		sitq.Handle(w, "reserve", func(_ context.Context, in article) (shelf, error) { return shelf{len(in.SKU)}, nil })
		sitq.Handle(w, "release", func(_ context.Context, in article) (struct{}, error) {
			released <- in.SKU
			return struct{}{}, nil
		})
		sitq.Handle(w, "charge", func(ctx context.Context, in article) (string, error) {
			reserved, err := sitq.StepResult[shelf](ctx, "reserve")
			if err != nil {
				return "", err
			}
			if reserved.Shelf == 3 {
				return "", sitq.Terminal(errors.New("no money"))
			}
			return "paid", nil
		})
	})
	order := sitq.Workflow{Name: "order", Steps: []sitq.Step{
		{ID: "reserve", Service: "stock", Action: "reserve", Parameters: article{"${input.sku}"}, CompensateWith: "release"},
		{ID: "charge", Service: "till", Action: "charge", Parameters: article{"${input.sku}"}, DependsOn: []string{"reserve"}, MaxRetries: -1},
	}, Input: article{"lamp"}}
	started, err := client.StartWorkflow(within(t), order)
	if err != nil || !started.Created {
		t.Fatal(started, err)
	}
	workflow, err := client.AwaitWorkflow(within(t), started.ID)
	if err != nil {
		t.Fatal(err)
	}
	if paid, err := sitq.ResultOf[string](workflow, "charge"); err != nil || paid != "paid" {
		t.Error(paid, err)
	}

	order.Input = article{"gnu"}
	started, err = client.StartWorkflow(within(t), order)
	if err != nil {
		t.Fatal(err)
	}
	var last sitqv1.CompensationState
	for update, err := range client.WatchWorkflow(within(t), started.ID) {
		if err != nil {
			t.Fatal(err)
		}
		for _, change := range update.Changes {
			if change.WorkflowState != 0 {
				last = change.CompensationState
			}
		}
	}
	if last != sitqv1.CompensationState_COMPENSATION_STATE_COMPLETED {
		t.Error(last)
	}
	_, err = client.AwaitWorkflow(within(t), started.ID)
	var failed *sitq.WorkflowFailedError
	if !errors.As(err, &failed) || failed.StepID() != "charge" || <-released != "gnu" {
		t.Error(err)
	}
	if got, want := err.Error(), "sitq: the workflow "+started.ID+" (order) failed at the step charge: no money"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWorkflowRefusal(t *testing.T) {
	_, err := connect(t).StartWorkflow(within(t), sitq.Workflow{Name: "order", Steps: []sitq.Step{{ID: "a", Action: "b"}}})
	var failure *sitq.Error
	if !errors.As(err, &failure) || failure.Field != "steps[0].service_name" {
		t.Error(err)
	}
}

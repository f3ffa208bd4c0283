package sitq_test

import (
	"context"
	"testing"

	"github.com/sitq/sitq/clients/go"
)

type order struct {
	Number int `json:"number"`
}

func TestEvents(t *testing.T) {
	client := connect(t)
	run(t, client, sitq.WorkerConfig{}, func(w *sitq.Worker) {
		sitq.On(w, sitq.Subscription{Name: "billing", Types: []string{"order.*"}, From: sitq.FromNow()},
			func(ctx context.Context, in order) (string, error) {
				return sitq.CurrentTask(ctx).Event.Type + " " + sitq.CurrentTask(ctx).Event.Subject, nil
			})
	})
	event, err := client.Publish(within(t), sitq.Event{
		Type: "order.created", Data: order{7}, Subject: "7", Attributes: map[string]any{"region": "eu", "count": 3},
	})
	if err != nil || event.DeliveredTo != 1 || !event.Created {
		t.Fatal(event, err)
	}
	report, err := client.AwaitDelivery(within(t), event.ID, event.Source)
	if err != nil || len(report.Deliveries) != 1 {
		t.Fatal(report, err)
	}
	if result, err := sitq.DecodePayload[string](report.Deliveries[0].Result); err != nil || result != "order.created 7" {
		t.Error(result, err)
	}
	results, err := client.PublishAll(within(t), []sitq.Event{{Type: "order.paid", ID: "1"}, {Type: "bad type"}, {Type: "order.paid", ID: "1"}})
	if err != nil || results[0].Err != nil || results[1].Err == nil || results[2].Created {
		t.Error(results, err)
	}
}

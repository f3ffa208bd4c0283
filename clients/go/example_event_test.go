package sitq_test

import (
	"context"
	"fmt"
	"log"

	"github.com/sitq/sitq/clients/go"
)

func ExampleOn() {
	client, err := sitq.Connect(sitq.Config{Service: "shop"})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	type order struct {
		Number int `json:"number"`
	}
	connected := make(chan struct{}, 1)
	worker, err := sitq.NewWorker(client, sitq.WorkerConfig{OnConnect: func() { connected <- struct{}{} }})
	if err != nil {
		log.Fatal(err)
	}
	invoices := sitq.Subscription{Name: "invoices", Types: []string{"invoice.*"}, From: sitq.FromNow()}
	sitq.On(worker, invoices, func(ctx context.Context, in order) (string, error) {
		event := sitq.CurrentTask(ctx).Event
		return fmt.Sprintf("%s of order %d", event.Type, in.Number), nil
	})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- worker.Run(ctx) }()
	<-connected

	event, err := client.Publish(ctx, sitq.Event{Type: "invoice.wanted", Data: order{Number: 7}, Subject: "7"})
	if err != nil {
		log.Fatal(err)
	}
	report, err := client.AwaitDelivery(ctx, event.ID, event.Source)
	if err != nil {
		log.Fatal(err)
	}
	result, err := sitq.DecodePayload[string](report.Deliveries[0].Result)
	fmt.Println(event.DeliveredTo, result, err)

	stop()
	fmt.Println(<-done)
	// Output:
	// 1 invoice.wanted of order 7 <nil>
	// <nil>
}

func ExampleClient_WatchEvents() {
	client, err := sitq.Connect(sitq.Config{Service: "shop"})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	ctx := context.Background()

	event, err := client.Publish(ctx, sitq.Event{Type: "parcel.sent", Subject: "42"})
	if err != nil {
		log.Fatal(err)
	}
	for seen, err := range client.WatchEvents(ctx, sitq.FromEarliest(), sitq.Filter{Subject: "42"}, "parcel.*") {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(seen.Id == event.ID, seen.Type)
		break
	}
	// Output: true parcel.sent
}

func ExampleClient_StartWorkflow() {
	client, err := sitq.Connect(sitq.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	worker, err := sitq.NewWorker(client, sitq.WorkerConfig{Queues: []string{"shelves", "mailer"}})
	if err != nil {
		log.Fatal(err)
	}
	sitq.Handle(worker, "reserve", func(ctx context.Context, in map[string]string) (map[string]int, error) {
		return map[string]int{"shelf": 3}, nil
	})
	sitq.Handle(worker, "mail.send", func(ctx context.Context, in map[string]any) (string, error) {
		return fmt.Sprintf("sent to %v: shelf %v", in["to"], in["shelf"]), nil
	})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- worker.Run(ctx) }()

	started, err := client.StartWorkflow(ctx, sitq.Workflow{
		Name: "place-order",
		Steps: []sitq.Step{
			{
				ID: "reserve", Service: "shelves", Action: "reserve", Parameters: map[string]any{"sku": "${input.sku}"},
				CompensateWith: "release",
			},
			{
				ID: "mail", Service: "mailer", Action: "mail.send", DependsOn: []string{"reserve"},
				Parameters: map[string]any{"to": "${input.mail}", "shelf": "${results.reserve.shelf}"},
			},
		},
		Input: map[string]any{"sku": "lamp", "mail": "ada@example.com"},
	})
	if err != nil {
		log.Fatal(err)
	}
	workflow, err := client.AwaitWorkflow(ctx, started.ID)
	if err != nil {
		log.Fatal(err)
	}
	text, err := sitq.ResultOf[string](workflow, "mail")
	fmt.Println(text, err)

	stop()
	fmt.Println(<-done)
	// Output:
	// sent to ada@example.com: shelf 3 <nil>
	// <nil>
}

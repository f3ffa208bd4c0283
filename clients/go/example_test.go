package sitq_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/sitq/sitq/clients/go"
)

type Greet struct {
	Name string `json:"name"`
}

type Text struct {
	Text string `json:"text"`
}

func Example() {
	client, err := sitq.Connect(sitq.Config{Service: "greeter"})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	worker, err := sitq.NewWorker(client, sitq.WorkerConfig{Queues: []string{"greetings"}, Capacity: 20})
	if err != nil {
		log.Fatal(err)
	}
	sitq.Handle(worker, "greet", func(ctx context.Context, in Greet) (Text, error) {
		return Text{Text: "Hello, " + in.Name}, nil
	})
	// In a service: ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- worker.Run(ctx) }()

	task, err := client.Enqueue(ctx, sitq.Task{Queue: "greetings", Type: "greet", Payload: Greet{Name: "Ada"}})
	if err != nil {
		log.Fatal(err)
	}
	out, err := sitq.Await[Text](ctx, client, task.ID)
	fmt.Println(out.Text, err)

	stop() // Run drains, and returns nil.
	fmt.Println(<-done)
	// Output:
	// Hello, Ada <nil>
	// <nil>
}

func ExampleClient_Enqueue() {
	client, err := sitq.Connect(sitq.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	ctx := context.Background()

	task, err := client.Enqueue(ctx, sitq.Task{
		Queue: "mail", Type: "mail.send", Payload: map[string]any{"to": "ada@example.com"},
		Delay: time.Minute, Priority: 5, CorrelationID: "order-1", MaxAttempts: 3, AttemptTimeout: 30 * time.Second,
	})
	fmt.Println(task.Created, err)

	results, err := client.EnqueueAtomic(ctx, []sitq.Task{{Queue: "mail", Type: "mail.send"}, {Queue: "bad queue", Type: "mail.send"}})
	fmt.Println(errors.Is(results[0].Err, sitq.ErrBatchRefused), errors.Is(results[1].Err, sitq.ErrInvalidField), err)
	// Output:
	// true <nil>
	// true true <nil>
}

func ExampleError() {
	client, err := sitq.Connect(sitq.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	_, err = client.Enqueue(context.Background(), sitq.Task{Queue: "bad queue", Type: "mail.send"})
	var failure *sitq.Error
	switch {
	case errors.Is(err, sitq.ErrQueueFull):
		fmt.Println("try again later")
	case errors.As(err, &failure):
		fmt.Println(failure.CodeName(), failure.Reason, failure.Field)
	}
	// Output: INVALID_ARGUMENT INVALID_FIELD task.queue
}

func ExampleHandle() {
	client, err := sitq.Connect(sitq.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	worker, err := sitq.NewWorker(client, sitq.WorkerConfig{Queues: []string{"catalogue"}})
	if err != nil {
		log.Fatal(err)
	}
	type article struct {
		SKU string `json:"sku"`
	}
	type price struct {
		Cents int `json:"cents"`
	}
	sitq.Handle(worker, "price", func(ctx context.Context, in article) (price, error) {
		task := sitq.CurrentTask(ctx)
		switch {
		case in.SKU == "":
			return price{}, sitq.Terminal(errors.New("there is no article without a name"))
		case in.SKU == "gold" && task.Attempt == 1:
			return price{}, sitq.RetryAfter(time.Millisecond, errors.New("the exchange is closed"))
		}
		sitq.Progress(ctx, 1, 2, "found it")
		return price{Cents: 1250}, ctx.Err()
	})
	// Protobuf messages travel as such.
	sitq.Handle(worker, "age", func(ctx context.Context, in *timestamppb.Timestamp) (*durationpb.Duration, error) {
		return durationpb.New(time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC).Sub(in.AsTime())), nil
	})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- worker.Run(ctx) }()

	out, err := sitq.Call[price](ctx, client, sitq.Task{Queue: "catalogue", Type: "price", Payload: article{SKU: "gold"}})
	fmt.Println(out.Cents, err)
	_, err = sitq.Call[price](ctx, client, sitq.Task{Queue: "catalogue", Type: "price", Payload: article{}})
	var failed *sitq.TaskFailedError
	fmt.Println(errors.As(err, &failed), failed.Task.LastError.Message)
	age, err := sitq.Call[*durationpb.Duration](ctx, client, sitq.Task{
		Queue: "catalogue", Type: "age", Payload: timestamppb.New(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)),
	})
	fmt.Println(age.AsDuration(), err)

	stop()
	fmt.Println(<-done)
	// Output:
	// 1250 <nil>
	// true there is no article without a name
	// 24h0m0s <nil>
	// <nil>
}

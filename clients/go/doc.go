// Package sitq is the client of sitq, a durable task queue, event bus, workflow engine and service registry.
//
// A [Client] enqueues tasks, publishes events, starts workflows and finds services. A [Worker] runs handlers:
//
//	client, err := sitq.Connect(sitq.Config{Address: "127.0.0.1:50051", Service: "greeter"})
//	worker, err := sitq.NewWorker(client, sitq.WorkerConfig{Queues: []string{"greetings"}})
//	sitq.Handle(worker, "greet", func(ctx context.Context, in Greet) (Text, error) {
//		return Text{Text: "Hello, " + in.Name}, nil
//	})
//	err = worker.Run(ctx) // until ctx is done; then it drains
//
// Every error of the server is an [*Error] with the stable [Reason] of docs/errors.md, so that
// errors.Is(err, sitq.ErrQueueFull) and errors.As work as usual.
//
// The messages and raw services of the contract are in the package sitqv1.
package sitq

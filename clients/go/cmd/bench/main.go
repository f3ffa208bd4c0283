// Command bench is the program of the Go client for the benchmark of clients: bench/clients/programs.ts.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/sitq/sitq/clients/go"
)

const (
	payloadBytes = 200
	every        = 20 * time.Millisecond
)

func main() {
	if len(os.Args) < 2 {
		fail("a mode is required: drain or enqueue")
	}
	flags := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	address := flags.String("address", "", "the server")
	queue := flags.String("queue", "", "the queue")
	capacity := flags.Int("capacity", 64, "how many handlers run at a time")
	inFlight := flags.Int("in-flight", 64, "how many calls are under way")
	_ = flags.Parse(os.Args[2:]) // It exits.
	client, err := sitq.Connect(sitq.Config{Address: *address, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		fail(err)
	}
	defer client.Close()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	var count atomic.Int64
	go tell(&count)
	if os.Args[1] == "drain" {
		err = drain(ctx, client, *queue, *capacity, &count)
	} else {
		err = enqueue(ctx, client, *queue, *inFlight, &count)
	}
	if err != nil {
		fail(err)
	}
}

func fail(why any) {
	fmt.Fprintln(os.Stderr, why)
	os.Exit(1)
}

// tell writes the count whenever it has changed.
func tell(count *atomic.Int64) {
	told := int64(0)
	for range time.Tick(every) {
		if n := count.Load(); n != told {
			told = n
			fmt.Println(n)
		}
	}
}

func drain(ctx context.Context, client *sitq.Client, queue string, capacity int, handled *atomic.Int64) error {
	worker, err := sitq.NewWorker(client, sitq.WorkerConfig{
		Queues: []string{queue}, Capacity: capacity, OnConnect: func() { fmt.Println("connected") },
	})
	if err != nil {
		return err
	}
	sitq.Handle(worker, "work", func(context.Context, []byte) (struct{}, error) {
		handled.Add(1)
		return struct{}{}, nil
	})
	return worker.Run(ctx)
}

func enqueue(ctx context.Context, client *sitq.Client, queue string, inFlight int, stored *atomic.Int64) error {
	payload := make([]byte, payloadBytes)
	for i := range payload {
		payload[i] = byte(i%255 + 1)
	}
	var lanes sync.WaitGroup
	failures := make(chan error, inFlight)
	for range inFlight {
		lanes.Go(func() {
			for ctx.Err() == nil {
				if _, err := client.Enqueue(context.Background(), sitq.Task{Queue: queue, Type: "work", Payload: payload}); err != nil {
					failures <- err
					return
				}
				stored.Add(1)
			}
		})
	}
	lanes.Wait()
	close(failures)
	return <-failures
}

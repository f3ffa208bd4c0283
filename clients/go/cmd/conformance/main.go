// Command conformance is the program of the Go client for the conformance kit: conformance/README.md.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/sitq/sitq/clients/go"
)

type options struct {
	address, queue, workerID, ca, cert, key, tokenFile string
	capacity, count                                    int
	grace, deadline                                    float64
}

func main() {
	if len(os.Args) < 2 {
		usage("a mode is required: worker or producer")
	}
	var o options
	flags := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	flags.StringVar(&o.address, "address", "", "the server's `HOST:PORT`")
	flags.StringVar(&o.queue, "queue", "", "the queue")
	flags.StringVar(&o.ca, "tls-ca", "", "the server's authority")
	flags.StringVar(&o.cert, "tls-cert", "", "the client's certificate")
	flags.StringVar(&o.key, "tls-key", "", "the client's key")
	flags.StringVar(&o.tokenFile, "token-file", "", "the token")
	flags.IntVar(&o.capacity, "capacity", 0, "how many handlers run at a time")
	flags.StringVar(&o.workerID, "worker-id", "", "the worker's id")
	flags.Float64Var(&o.grace, "grace", 5, "how long handlers may go on, in seconds")
	flags.IntVar(&o.count, "count", 0, "how many tasks to enqueue")
	flags.Float64Var(&o.deadline, "deadline", 30, "how long a call is repeated, in seconds")
	_ = flags.Parse(os.Args[2:]) // It exits with 2.
	if o.address == "" || o.queue == "" || flags.NArg() > 0 {
		usage("--address and --queue are required, and nothing but options")
	}
	switch os.Args[1] {
	case "worker":
		os.Exit(work(o))
	case "producer":
		os.Exit(produce(o))
	}
	usage("the mode is worker or producer")
}

func usage(text string) {
	fmt.Fprintln(os.Stderr, text)
	os.Exit(2)
}

func (o options) connect() (*sitq.Client, error) {
	config := sitq.Config{
		Address: o.address, TokenFile: o.tokenFile, RetryTimeout: seconds(o.deadline), Plaintext: o.ca == "",
		Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if o.ca != "" {
		config.TLS = &sitq.TLS{CAFile: o.ca, CertFile: o.cert, KeyFile: o.key}
	}
	return sitq.Connect(config)
}

func seconds(number float64) time.Duration { return time.Duration(number * float64(time.Second)) }

var printing sync.Mutex

// event prints one line.
func event(name string, facts map[string]any) {
	line := map[string]any{"event": name}
	for key, value := range facts {
		line[key] = value
	}
	text, err := json.Marshal(line)
	if err != nil {
		panic(err)
	}
	printing.Lock()
	defer printing.Unlock()
	fmt.Printf("%s\n", text)
}

func produce(o options) int {
	client, err := o.connect()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer client.Close()
	code := 0
	var all sync.WaitGroup
	for n := range o.count {
		all.Go(func() {
			task, err := client.Enqueue(context.Background(), sitq.Task{Queue: o.queue, Type: "echo", Payload: map[string]int{"n": n}})
			if err == nil {
				event("enqueued", map[string]any{"n": n, "task": task.ID, "created": task.Created})
				return
			}
			facts := factsOf(err)
			facts["n"] = n
			event("failed", facts)
			printing.Lock()
			code = 1
			printing.Unlock()
		})
	}
	all.Wait()
	return code
}

// factsOf are what a line says of an error.
func factsOf(err error) map[string]any {
	facts := map[string]any{"code": "UNKNOWN", "reason": nil, "field": nil, "retry_after": nil, "message": err.Error()}
	var failure *sitq.Error
	if !errors.As(err, &failure) {
		return facts
	}
	facts["code"] = failure.CodeName()
	if failure.Reason != "" {
		facts["reason"] = failure.Reason
	}
	if failure.Field != "" {
		facts["field"] = failure.Field
	}
	if failure.RetryDelay > 0 {
		facts["retry_after"] = failure.RetryDelay.Seconds()
	}
	return facts
}

func work(o options) int {
	client, err := o.connect()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer client.Close()
	worker, err := sitq.NewWorker(client, sitq.WorkerConfig{
		Queues: []string{o.queue}, Capacity: o.capacity, WorkerID: o.workerID, Grace: seconds(o.grace),
	})
	if err != nil {
		usage(err.Error())
	}
	setHandlers(worker)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := worker.Run(ctx); err != nil {
		event("refused", factsOf(err))
		return 3
	}
	event("closed", nil)
	return 0
}

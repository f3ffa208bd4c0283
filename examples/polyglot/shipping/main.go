// Command shipping is the shop's shipping in Go: shipping INSTANCE. It finds the server by SITQ_ADDRESS.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/sitq/sitq/clients/go"
)

// shipment is what a carrier is asked for, and called off.
type shipment struct {
	OrderID string `json:"orderId"`
	City    string `json:"city"`
	Items   int    `json:"items"`
}

// parcel is what the carrier takes.
type parcel struct {
	Parcel    string `json:"parcel"`
	WeighedBy string `json:"weighedBy"`
}

// weight is what inventory answers.
type weight struct {
	Grams     int    `json:"grams"`
	WeighedBy string `json:"weighedBy"`
}

// One order in this many goes where no carrier goes.
const refusesOneIn = 50

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: shipping INSTANCE")
	}
	if err := run(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func run(instance string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	client, err := sitq.Connect(sitq.Config{Service: "shipping"})
	if err != nil {
		return err
	}
	defer client.Close()
	// Any instance of inventory, in turn.
	inventory, err := grpc.NewClient("sitq:///inventory",
		grpc.WithResolvers(client.Resolver()), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer inventory.Close()

	worker, err := sitq.NewWorker(client, sitq.WorkerConfig{
		Queues: []string{"shipping"}, WorkerID: instance, Capacity: 8, OnConnect: func() { fmt.Println("ready") },
	})
	if err != nil {
		return err
	}
	sitq.Handle(worker, "schedule", func(ctx context.Context, in shipment) (parcel, error) {
		if err := work(ctx); err != nil {
			return parcel{}, err
		}
		if number(in.OrderID)%refusesOneIn == 13 {
			return parcel{}, sitq.Terminal(fmt.Errorf("no carrier goes to %s", in.City))
		}
		weighed, err := weigh(ctx, inventory, in.Items)
		if err != nil {
			return parcel{}, err
		}
		out := parcel{fmt.Sprintf("%s/%s/%dg", strings.ToLower(in.City), in.OrderID, weighed.Grams), weighed.WeighedBy}
		task := sitq.CurrentTask(ctx)
		_, err = client.Publish(ctx, sitq.Event{
			// A second attempt publishes the same event.
			ID: task.Id + "-scheduled", Type: "shipping.scheduled", Subject: in.OrderID,
			Data: map[string]string{"orderId": in.OrderID, "parcel": out.Parcel},
		}.CausedBy(task))
		return out, err
	})
	sitq.Handle(worker, "call-off", func(ctx context.Context, _ shipment) (struct{}, error) { return struct{}{}, work(ctx) })
	return worker.Run(ctx)
}

// weigh asks an instance of inventory; another one if it is gone before it answers.
func weigh(ctx context.Context, inventory *grpc.ClientConn, items int) (weight, error) {
	for tries := 1; ; tries++ {
		var answer weight
		deadline, cancel := context.WithTimeout(ctx, 5*time.Second)
		err := inventory.Invoke(deadline, "/shop.Service/Ask", items, &answer, grpc.ForceCodec(jsonCodec{}))
		cancel()
		if err == nil || status.Code(err) != codes.Unavailable || tries == 5 {
			return answer, err
		}
	}
}

// jsonCodec makes JSON the messages of a call.
type jsonCodec struct{}

func (jsonCodec) Marshal(value any) ([]byte, error)       { return json.Marshal(value) }
func (jsonCodec) Unmarshal(bytes []byte, value any) error { return json.Unmarshal(bytes, value) }
func (jsonCodec) Name() string                            { return "json" }

// work takes a few milliseconds, like a call to a database.
func work(ctx context.Context) error {
	select {
	case <-time.After(5 * time.Millisecond):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// number is the one in an order's id, by which the example lets things fail that fail by chance elsewhere.
func number(orderID string) int {
	digits := strings.Map(func(letter rune) rune {
		if letter < '0' || letter > '9' {
			return -1
		}
		return letter
	}, orderID)
	n, _ := strconv.Atoi(digits) // An id without digits is 0.
	return n
}

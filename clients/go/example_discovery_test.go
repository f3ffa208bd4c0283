package sitq_test

import (
	"context"
	"fmt"
	"log"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/sitq/sitq/clients/go"
	"github.com/sitq/sitq/clients/go/sitqv1"
)

func ExampleClient_Register() {
	client, err := sitq.Connect(sitq.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	ctx := context.Background()

	registration, err := client.Register(ctx, sitq.Instance{
		Service: "pricing", Address: "127.0.0.1:8080", Capacity: 50, Metadata: map[string]string{"zone": "b"},
		Load: func() int { return 3 },
	})
	if err != nil {
		log.Fatal(err)
	}
	instances, err := client.Discover(ctx, "pricing", nil)
	fmt.Println(len(instances), err)

	picked, err := client.Pick(ctx, sitq.Pick{
		Service: "pricing", Strategy: sitqv1.BalancingStrategy_BALANCING_STRATEGY_STICKY, Key: "customer-7",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(picked.Address)
	picked.Release()
	fmt.Println(registration.Stop(ctx))
	// Output:
	// 1 <nil>
	// 127.0.0.1:8080
	// <nil>
}

func ExampleClient_Resolver() {
	client, err := sitq.Connect(sitq.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	conn, err := grpc.NewClient("sitq:///pricing?zone=b",
		grpc.WithResolvers(client.Resolver()), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	// Output:
}

func ExampleConnect() {
	client, err := sitq.Connect(sitq.Config{
		Address:   "sitq.internal:50051",
		TLS:       &sitq.TLS{CAFile: "ca.pem", CertFile: "client.pem", KeyFile: "client-key.pem"},
		TokenFile: "token",
	})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
}

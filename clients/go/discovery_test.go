package sitq_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/status"

	"github.com/sitq/sitq/clients/go"
	"github.com/sitq/sitq/clients/go/sitqtest"
	"github.com/sitq/sitq/clients/go/sitqv1"
)

func TestRegistration(t *testing.T) {
	client := connect(t)
	if _, err := client.Pick(within(t), sitq.Pick{Service: "inventory"}); !errors.Is(err, sitq.ErrServiceNotFound) {
		t.Fatal(err)
	}
	if instances, err := client.Discover(within(t), "inventory", nil); err != nil || len(instances) != 0 {
		t.Fatal(instances, err)
	}
	registration, err := client.Register(within(t), sitq.Instance{
		Service: "inventory", Address: "127.0.0.1:8080", Capacity: 1, Metadata: map[string]string{"zone": "b"}, Load: func() int { return 0 },
	})
	if err != nil {
		t.Fatal(err)
	}
	if instances, err := client.Discover(within(t), "inventory", map[string]string{"zone": "b"}); err != nil || len(instances) != 1 {
		t.Fatal(instances, err)
	}
	picked, err := client.Pick(within(t), sitq.Pick{Service: "inventory"})
	if err != nil || picked.Address != "127.0.0.1:8080" {
		t.Fatal(picked, err)
	}
	if _, err := client.Pick(within(t), sitq.Pick{Service: "inventory"}); !errors.Is(err, sitq.ErrServiceFull) {
		t.Fatal(err)
	}
	picked.Release()
	picked, err = client.Pick(within(t), sitq.Pick{Service: "inventory", Reservation: -1})
	if err != nil {
		t.Fatal(err)
	}
	picked.Release()
	if err := registration.Stop(within(t)); err != nil {
		t.Fatal(err)
	}
	if instances, err := client.Discover(within(t), "inventory", nil); err != nil || len(instances) != 0 {
		t.Fatal(instances, err)
	}
}

func TestDrainedRegistration(t *testing.T) {
	client := connect(t)
	// No heartbeat is due for 20 minutes.
	registration, err := client.Register(within(t), sitq.Instance{Service: "drained", Address: "127.0.0.1:1", TTL: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := registration.Drain(within(t)); err != nil {
			t.Fatal(err)
		}
	}
	found, err := client.RegistryService().DiscoverInstances(within(t), &sitqv1.DiscoverInstancesRequest{ServiceName: "drained", IncludeUnhealthy: true})
	if err != nil || len(found.Instances) != 1 || found.Instances[0].State != sitqv1.InstanceState_INSTANCE_STATE_DRAINING {
		t.Fatal(found, err)
	}
	if _, err := client.Pick(within(t), sitq.Pick{Service: "drained"}); !errors.Is(err, sitq.ErrNoHealthyInstance) {
		t.Fatal(err)
	}
	if err := registration.Stop(within(t)); err != nil {
		t.Fatal(err)
	}
	if err := registration.Drain(within(t)); err != nil {
		t.Fatal(err)
	}
}

func TestDrainedRegistrationWithoutServer(t *testing.T) {
	server := sitqtest.Start(t)
	registration, err := server.Client(t).Register(within(t), sitq.Instance{Service: "alone", Address: "127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	server.Kill()
	short, cancel := context.WithTimeout(within(t), 100*time.Millisecond)
	defer cancel()
	if err := registration.Drain(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	// It says so when the server is back.
	server.Restart(t)
	if err := registration.Drain(within(t)); err != nil {
		t.Fatal(err)
	}
	if err := registration.Stop(within(t)); err != nil {
		t.Fatal(err)
	}
}

func TestReplacedRegistration(t *testing.T) {
	client := connect(t)
	replaced := make(chan struct{})
	first := sitq.Instance{
		Service: "twice", ID: "one", Address: "127.0.0.1:1", TTL: time.Second, OnReplaced: func() { close(replaced) },
	}
	one, err := client.Register(within(t), first)
	if err != nil {
		t.Fatal(err)
	}
	two, err := client.Register(within(t), sitq.Instance{Service: "twice", ID: "one", Address: "127.0.0.1:2"})
	if err != nil {
		t.Fatal(err)
	}
	<-replaced
	if err := one.Stop(within(t)); err != nil || !one.IsReplaced() {
		t.Error(err)
	}
	if instances, err := client.Discover(within(t), "twice", nil); err != nil || len(instances) != 1 || instances[0].Address != "127.0.0.1:2" {
		t.Error(instances, err)
	}
	if err := two.Stop(within(t)); err != nil {
		t.Error(err)
	}
}

// serve runs a gRPC server, and returns its address.
func serve(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	grpc_health_v1.RegisterHealthServer(server, health.NewServer())
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}

func TestResolver(t *testing.T) {
	server := sitqtest.Start(t)
	client := server.Client(t)
	retries := `{"methodConfig": [{"name": [{}], "retryPolicy": {"maxAttempts": 2, "initialBackoff": "0.01s", "maxBackoff": "0.1s",
		"backoffMultiplier": 2, "retryableStatusCodes": ["UNAVAILABLE"]}}]}`
	conn, err := grpc.NewClient("sitq:///greeter?zone=b", grpc.WithResolvers(client.ResolverWithConfig(retries)),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	called := grpc_health_v1.NewHealthClient(conn)
	if _, err := called.Check(within(t), &grpc_health_v1.HealthCheckRequest{}); status.Code(err) != codes.Unavailable {
		t.Fatal(err)
	}
	registration, err := client.Register(within(t), sitq.Instance{Service: "greeter", Address: serve(t), Metadata: map[string]string{"zone": "b"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := called.Check(within(t), &grpc_health_v1.HealthCheckRequest{}, grpc.WaitForReady(true)); err != nil {
		t.Fatal(err)
	}
	// While the server is away, what was known goes on.
	server.Kill()
	if _, err := called.Check(within(t), &grpc_health_v1.HealthCheckRequest{}); err != nil {
		t.Fatal(err)
	}
	server.Restart(t)
	// The connection may still pause before it tries again, and a stop makes one call only.
	if _, err := client.RegistryService().DiscoverInstances(within(t), &sitqv1.DiscoverInstancesRequest{ServiceName: "greeter"}, grpc.WaitForReady(true)); err != nil {
		t.Fatal(err)
	}
	// One that drains is left, though it would answer.
	if err := registration.Drain(within(t)); err != nil {
		t.Fatal(err)
	}
	for status.Code(err) != codes.Unavailable {
		if _, err = called.Check(within(t), &grpc_health_v1.HealthCheckRequest{}); status.Code(err) == codes.DeadlineExceeded {
			t.Fatal(err)
		}
	}
	if err := registration.Stop(within(t)); err != nil {
		t.Fatal(err)
	}
}

func TestRefusedTargets(t *testing.T) {
	client := connect(t)
	for target, builder := range map[string]resolver.Builder{
		"sitq:///":          client.Resolver(),
		"sitq:///a/b":       client.Resolver(),
		"sitq://host/greet": client.Resolver(),
		"sitq:///greeter":   client.ResolverWithConfig("no JSON"),
		"sitq:///greet":     client.ResolverWithConfig(`{"loadBalancingConfig": 7}`),
	} {
		conn, err := grpc.NewClient(target, grpc.WithResolvers(builder), grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err == nil {
			_, err = grpc_health_v1.NewHealthClient(conn).Check(within(t), &grpc_health_v1.HealthCheckRequest{})
			conn.Close()
		}
		if err == nil {
			t.Error(target)
		}
	}
}

func TestWatchInstances(t *testing.T) {
	client := connect(t)
	ctx, cancel := context.WithCancel(within(t))
	defer cancel()
	var registration *sitq.Registration
	seen := []int{}
	for instances, err := range client.WatchInstances(ctx, "watched", nil) {
		if err != nil {
			if ctx.Err() == nil {
				t.Error(err)
			}
			break
		}
		seen = append(seen, len(instances))
		switch {
		case len(seen) == 1:
			if registration, err = client.Register(within(t), sitq.Instance{Service: "watched", Address: "127.0.0.1:1"}); err != nil {
				t.Fatal(err)
			}
		case len(instances) == 1:
			if err := registration.Stop(within(t)); err != nil {
				t.Fatal(err)
			}
		default:
			cancel()
		}
	}
	if len(seen) != 3 || seen[0] != 0 || seen[1] != 1 || seen[2] != 0 {
		t.Error(seen)
	}
}
